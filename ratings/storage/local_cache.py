"""Copies of contents on a machine's own disk: named by digest, checked when they come, bounded.

Any number of processes may share a folder, and any of them may be killed: a copy is there whole or
not at all, and whoever has one open keeps it, whatever is deleted meanwhile.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ratings.storage.store import sync

# What nobody used for so long goes, so that no copy outlives by much what was deleted.
UNUSED_SECONDS = 24 * 3600
# Each process looks at the folder when it has added so much of what the folder may hold, and when
# it uses a copy so long after it last did.
LOOK_AT, LOOK_AFTER_SECONDS = 1 / 20, 3600
# How often a copy is fetched that others push out before it could be linked.
ATTEMPTS = 3
Fetch = Callable[[], Iterable[bytes]]


class DamagedContent(OSError):
    """What was fetched is not what its name, a digest, says."""


class LocalCache:
    """A folder of copies, of `most_bytes` at most and what each process has added since it looked.

    `fetch` yields a content's bytes, piece by piece; it is called where there is no copy.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        self._added_bytes = 0
        self._looked_at = 0.0  # a process looks when it first uses the folder

    def open(self, sha256: str, fetch: Fetch) -> BinaryIO:
        """Open the copy of a content for reading, fetched if need be.

        Raises DamagedContent, and what `fetch` raises.
        """
        return self.find(sha256) or self._fetched(sha256, fetch)

    def find(self, sha256: str) -> BinaryIO | None:
        """Open the copy of a content if it is there, which makes it the last to go."""
        path = self._path(sha256)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        with suppress(FileNotFoundError):  # pushed out in this moment
            os.utime(path)
        self._make_room(0, os.fstat(file.fileno()))
        return file

    def link(self, sha256: str, target: Path, fetch: Fetch) -> None:
        """Give the copy a second name on the same disk, which stays until its owner deletes it.

        Raises as `open` does.
        """
        for attempt in range(ATTEMPTS):
            self.open(sha256, fetch).close()
            try:
                return os.link(self._path(sha256), target)
            except FileNotFoundError:
                if attempt + 1 == ATTEMPTS:
                    raise

    def add(self, sha256: str, file: Path) -> None:
        """Take a file that is known to be this content, by a link on the same disk."""
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return
        sync(file)  # or a loss of power could leave a name without its bytes
        with suppress(FileExistsError):  # another process was faster
            os.link(file, path)
            added = file.stat()
            self._make_room(added.st_size, added)

    def drop(self, sha256: str) -> None:
        """Delete the copy, if there is one."""
        self._path(sha256).unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def _fetched(self, sha256: str, fetch: Fetch) -> BinaryIO:
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.folder, prefix="part-")
        part = Path(name)
        try:
            digest = hashlib.sha256()
            with os.fdopen(descriptor, "wb") as file:
                for piece in fetch():
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != sha256:
                raise DamagedContent(f"{sha256} was asked for, and {digest.hexdigest()} came.")
            sync(part)  # as in `add`
            opened = part.open("rb")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        added = os.fstat(opened.fileno())
        self._make_room(added.st_size, added)
        return opened

    def _make_room(self, added_bytes: int, used: os.stat_result) -> None:
        """Delete what is beyond the bound, longest unused first, now and then.

        `used` is of a copy that was added or used just now, by which the time is told.
        """
        now = used.st_ctime
        self._added_bytes += added_bytes
        much = self._added_bytes >= LOOK_AT * self.most_bytes
        if not much and now < self._looked_at + LOOK_AFTER_SECONDS:
            return
        self._added_bytes, self._looked_at = 0, now
        with (self.folder / "lock").open("w") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # else another process is at it
            self._delete_unused(now - UNUSED_SECONDS)

    def _delete_unused(self, since_seconds: float) -> None:
        copies = []
        for file in (*self.folder.glob("??/*"), *self.folder.glob("part-*")):
            with suppress(FileNotFoundError):
                facts = file.stat()
                copies.append((facts.st_mtime, facts.st_size, file))
        held_bytes = 0
        for place, (used, size_bytes, file) in enumerate(sorted(copies, reverse=True)):
            held_bytes += size_bytes
            # What just came stays, however large: somebody is about to use it.
            too_many = held_bytes > self.most_bytes and place > 0 and file.parent != self.folder
            if used < since_seconds or too_many:
                file.unlink(missing_ok=True)
