# SPDX-License-Identifier: Apache-2.0
"""What was sent as a decoder: unpacked, and refused in words where it can't run."""
