"""Reading a lot without being noticed: raters come first."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# After each turn, so many times what it took.
REST = 3


class Pace:
    """Whose turn it is to read a piece of something long.

    On a machine one thread of all processes reads at a time, and none for three times as long as
    the last one read: however many there are, they keep a quarter of a core busy, and the database
    no longer than that. The file, in which the last turn is noted, may go at any time. Times are of
    the machine's clock that nobody sets: a step of the other one would be rested for.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn, and hold it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+", encoding="ascii") as noted:
            fcntl.flock(noted, fcntl.LOCK_EX)  # until it is closed, or its process dies
            noted.seek(0)
            time.sleep(_rest(noted.read(), time.monotonic()))
            begun = time.monotonic()
            try:
                yield
            finally:
                noted.truncate(0)
                noted.write(f"{begun} {time.monotonic()}")


def _rest(noted: str, now: float) -> float:
    """Return how long to rest, in seconds, after a turn that is noted with its begin and end."""
    with suppress(ValueError):  # nothing is noted yet, or a process died while noting
        begun, ended = map(float, noted.split())
        if begun <= ended <= now:  # else the machine was started since
            return max(0.0, ended + REST * (ended - begun) - now)
    return 0.0
