# SPDX-License-Identifier: Apache-2.0
"""Pictures as numbers: PNG files to samples, exact squared errors, crops."""
