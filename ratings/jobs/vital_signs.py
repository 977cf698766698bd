"""What a worker tells its supervisor: that it is alive, and whether it takes jobs.

The word goes into a file, for whoever looks at its age and content, and to systemd, where that
started the worker. Both are local: no port, and nothing that a stranger could ask.
"""

import asyncio
import os
import socket
from contextlib import suppress
from pathlib import Path

TELL_SECONDS = 5.0
WORKING, WAITING = "working", "waiting for the database"


class VitalSigns:
    """Tells every few seconds, from the worker's own loop: one that hangs falls silent."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._socket = os.environ.get("NOTIFY_SOCKET", "")
        self._state = WAITING

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

    def _tell(self) -> None:
        with suppress(OSError):  # a full disk ends no worker; its supervisor sees an old file
            if self._file:
                part = self._file.with_name(f"{self._file.name}.part")
                part.write_text(f"{self._state}\n")
                part.replace(self._file)
        if self._socket:
            ready = "READY=1\n" if self._state == WORKING else ""
            _notify(self._socket, f"{ready}STATUS={self._state}\nWATCHDOG=1")


def _notify(address: str, words: str) -> None:
    """Send what sd_notify(3) does; systemd's socket may be an abstract one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to, suppress(OSError):
        to.sendto(words.encode(), address.replace("@", "\0", 1))
