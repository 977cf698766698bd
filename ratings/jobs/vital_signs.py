"""What a worker tells its supervisor: that it is alive, and whether it takes jobs.

The word goes into a file, for whoever looks at its age and content, and to systemd, where that
started the worker. Both are local: no port, and nothing that a stranger could ask.
"""

import asyncio
import math
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TELL_SECONDS = 5.0
# A question that has waited for so long waits for a database, or a pooler, that is away.
ANSWER_SECONDS = 5.0
WORKING, WAITING = "working", "waiting for the database"


class VitalSigns:
    """Tells every few seconds, from the worker's own loop: one that hangs falls silent."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._socket = os.environ.get("NOTIFY_SOCKET", "")
        self._state = WAITING
        self._asked: dict[object, float] = {}

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Mark that the database is being asked: one that does not answer is told of."""
        question = object()
        self._asked[question] = time.monotonic()
        try:
            yield
        finally:
            del self._asked[question]

    async def keep_telling(self) -> None:
        """Tell until cancelled; then the file goes."""
        try:
            while True:
                self._tell()
                await asyncio.sleep(TELL_SECONDS)
        finally:
            if self._file:
                self._file.unlink(missing_ok=True)

    def be(self, state: str) -> None:
        """Tell at once that the worker's state is another one."""
        self._state = state
        self._tell()

    def _seen_state(self) -> str:
        """Return the state; a pooler holds a question for long before it says who is away."""
        oldest = min(self._asked.values(), default=math.inf)
        return WAITING if time.monotonic() > oldest + ANSWER_SECONDS else self._state

    def _tell(self) -> None:
        state = self._seen_state()
        with suppress(OSError):  # a full disk ends no worker; its supervisor sees an old file
            if self._file:
                part = self._file.with_name(f"{self._file.name}.part")
                part.write_text(f"{state}\n")
                part.replace(self._file)
        if self._socket:
            ready = "READY=1\n" if state == WORKING else ""
            _notify(self._socket, f"{ready}STATUS={state}\nWATCHDOG=1")


def _notify(address: str, words: str) -> None:
    """Send what sd_notify(3) does; systemd's socket may be an abstract one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to, suppress(OSError):
        to.sendto(words.encode(), address.replace("@", "\0", 1))
