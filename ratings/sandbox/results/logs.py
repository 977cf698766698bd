# SPDX-License-Identifier: Apache-2.0
"""A program's output, kept within a limit: the beginning as it comes, the end at the end."""

from collections.abc import Callable


class BoundedLog:
    """Passes the first half of the limit on at once, and keeps the last half until `finish`."""

    def __init__(self, limit_bytes: int, sink: Callable[[bytes], object] | None = None) -> None:
        self._head_room = limit_bytes - limit_bytes // 2
        self._tail_room = limit_bytes // 2
        self._sink = sink
        self._passed: list[bytes] = []
        self._tail = bytearray()
        self._left_out = 0

    def write(self, data: bytes) -> None:
        """Take what the program printed."""
        head, rest = data[: self._head_room], data[self._head_room :]
        self._head_room -= len(head)
        self._pass(head)
        self._tail += rest
        surplus = max(0, len(self._tail) - self._tail_room)
        del self._tail[:surplus]
        self._left_out += surplus

    def finish(self) -> bytes:
        """Pass on the end, after a line that says how much is missing, and return all of it."""
        if self._left_out:
            self._pass(f"\n[{self._left_out} bytes left out]\n".encode())
        self._pass(bytes(self._tail))
        self._tail.clear()
        return b"".join(self._passed)

    def _pass(self, data: bytes) -> None:
        if data:
            self._passed.append(data)
            if self._sink:
                self._sink(data)
