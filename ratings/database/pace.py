"""Reading a lot without being noticed: raters come first."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Whose turn it is to read a piece of something long.

    In a process one reads at a time, and none for as long as the last one read: however many
    there are, they keep half of a core busy, and the database no longer than that.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rests_until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn, and hold it."""
        with self._lock:
            time.sleep(max(0.0, self._rests_until - time.monotonic()))
            begun = time.monotonic()
            try:
                yield
            finally:
                ended = time.monotonic()
                self._rests_until = ended + (ended - begun)
