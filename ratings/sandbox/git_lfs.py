# SPDX-License-Identifier: Apache-2.0
"""Pointers that Git LFS leaves in a clone in place of large files, such as a network's weights.

They are small texts (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md), and what loads
one seldom says what it is.
"""

BEGINNING = b"version https://git-lfs.github.com/spec/"
LARGEST_BYTES = 1023
WORDS = "is a pointer of Git LFS, not the file itself; run git lfs pull, and pack it again."


def is_pointer(content: bytes) -> bool:
    """Tell whether a file is one, by all of it or by no fewer than its first 1,024 bytes."""
    return len(content) <= LARGEST_BYTES and content.startswith(BEGINNING)
