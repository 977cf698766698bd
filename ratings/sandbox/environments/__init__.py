# SPDX-License-Identifier: Apache-2.0
"""What decoders find besides their own files: packaged environments, and how each is made.

`NAME.txt` pins what one holds, with hashes; it is compiled from `NAME.in`. `recipes` reads it.
"""
