# SPDX-License-Identifier: Apache-2.0
"""An image-compression challenge, judged by people."""

__version__ = "0.10.0"
