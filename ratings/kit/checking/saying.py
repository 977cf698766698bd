# SPDX-License-Identifier: Apache-2.0
"""What the user is told while the check goes on."""

import sys
import time

TOLD_SECONDS = 10


def say(line: str) -> None:
    """Tell what happens; results go to standard output instead."""
    print(line, file=sys.stderr, flush=True)


def show(printed: bytes) -> None:
    """Pass on what a decoder prints."""
    sys.stderr.buffer.write(printed)
    sys.stderr.flush()


class Ticker:
    """Says now and then how long a decoder has run, and lets it go on."""

    def __init__(self) -> None:
        self._began, self._told = time.monotonic(), 0

    def __call__(self) -> bool:
        """Return that it may go on."""
        times = int(time.monotonic() - self._began) // TOLD_SECONDS
        if times > self._told:
            self._told = times
            say(f"Decoding for {times * TOLD_SECONDS} s.")
        return True
