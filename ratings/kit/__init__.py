# SPDX-License-Identifier: Apache-2.0
"""What participants download. `check.py` asks the server's rules; each other file runs alone."""
