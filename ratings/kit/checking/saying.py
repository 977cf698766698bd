# SPDX-License-Identifier: Apache-2.0
"""What the user is told while the check goes on."""

import sys


def say(line: str) -> None:
    """Tell what happens; results go to standard output instead."""
    print(line, file=sys.stderr, flush=True)


def show(printed: bytes) -> None:
    """Pass on what a decoder prints."""
    sys.stderr.buffer.write(printed)
    sys.stderr.flush()
