# SPDX-License-Identifier: Apache-2.0
"""What `check.py` does at home: an entry looked at, its decoder run, its pictures scored."""
