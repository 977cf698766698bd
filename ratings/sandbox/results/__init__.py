# SPDX-License-Identifier: Apache-2.0
"""What came of a run: its end in words, its files, its log, and what is not there."""
