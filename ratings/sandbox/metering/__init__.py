# SPDX-License-Identifier: Apache-2.0
"""What a run uses, by control groups or by looking at its processes."""
