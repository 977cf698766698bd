"""The store: what it does with files, and the usual one, a folder of the file system."""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

PIECE_BYTES = 1 << 18
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
CONTENT_KEY = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})")


class Store(Protocol):
    """Files by key, such as `crops/ab/abcd.webp`; each is there whole or not at all.

    A key's last part is the file's name, and the part before are the name's first two characters.
    A file of no folder, `ab/abcd...`, is a content: named by its SHA-256, so it never changes.
    What asks a store that is far away raises StoreAway while it can't be reached.
    """

    @property
    def threads(self) -> int:
        """How many threads ask it best where many files are asked for."""

    def bring(self, key: str, file: Path) -> None:
        """Do in advance what takes long of putting a content: nobody's rows are locked yet."""

    def put(self, key: str, file: Path, *, public: bool, modified_at: int | None) -> None:
        """Store a local file, which may go away; a reader sees the old one of this key or this one.

        It outlives a loss of power from then on. Other users of the machine, such as a web
        server's, may read what is public. `modified_at`, in seconds, is what its age shall be told
        by in a folder; None: when it was written.
        """

    def open(self, key: str) -> BinaryIO:
        """Open the file for reading; a content with a descriptor that can be mapped.

        Raises FileNotFoundError.
        """

    def link(self, key: str, folder: Path) -> Path:
        """Return a local file of a content, to be read only, that stays as long as `folder`.

        Raises FileNotFoundError.
        """

    def pieces(self, key: str, wanted: range) -> Iterator[bytes]:
        """Yield a range of the file's bytes, piece by piece. Raises FileNotFoundError."""

    def digest(self, key: str) -> str:
        """Return the SHA-256 of what is stored, read anew. Raises FileNotFoundError."""

    def sizes(self, keys: Collection[str]) -> dict[str, int]:
        """Return how many bytes the files have, of those that are there."""

    def delete(self, key: str) -> None:
        """Delete the file, if it is there."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and bytes of each file whose key begins with folder and digit of `prefix`."""

    def place(self, key: str) -> str:
        """Return where the file lies, in words."""

    def total_bytes(self) -> int | None:
        """Return how much the store holds at most, full and free; None where that has no end."""


class StoreAway(ConnectionError):
    """A store that is far away can't be used, as where it can't be reached; the text says why."""


class StoreRefused(StoreAway):
    """A store answers, and its keys may not do what they are to."""


@dataclass(frozen=True)
class FolderStore:
    """The store in a folder of a file system."""

    folder: Path
    threads: int = 1

    def bring(self, key: str, file: Path) -> None:
        """Bring the file to disk."""
        sync(file)

    def put(self, key: str, file: Path, *, public: bool, modified_at: int | None) -> None:
        """Bring the file to disk, rename it, and bring its new name to disk."""
        final = self.path(key)
        _make_folder(final.parent)
        mode = 0o644 if public else 0o600
        if stat.S_IMODE(file.stat().st_mode) != mode:
            file.chmod(mode)
        if modified_at is not None:
            os.utime(file, (modified_at, modified_at))
        sync(file)
        file.replace(final)
        sync(final.parent)

    def open(self, key: str) -> BinaryIO:
        """See `Store`."""
        return self.path(key).open("rb")

    def link(self, key: str, folder: Path) -> Path:
        """Return the file itself: rows that name it keep it."""
        return self.path(key)

    def pieces(self, key: str, wanted: range) -> Iterator[bytes]:
        """See `Store`."""
        with self.open(key) as file:
            file.seek(wanted.start)
            for start in wanted[::PIECE_BYTES]:
                yield file.read(min(PIECE_BYTES, wanted.stop - start))

    def path(self, key: str) -> Path:
        """Return where the file lies."""
        return self.folder / key

    def place(self, key: str) -> str:
        """See `Store`."""
        return str(self.path(key))

    def digest(self, key: str) -> str:
        """See `Store`."""
        with self.path(key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def sizes(self, keys: Collection[str]) -> dict[str, int]:
        """See `Store`."""
        found = {}
        for key in keys:
            with suppress(FileNotFoundError):
                found[key] = self.path(key).stat().st_size
        return found

    def total_bytes(self) -> int:
        """Return the bytes of the disk that the folder lies on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).total

    def delete(self, key: str) -> None:
        """See `Store`."""
        self.path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `Store`."""
        for file in self.folder.glob(f"{prefix}?/*"):
            with suppress(FileNotFoundError):  # deleted in this moment
                yield file.relative_to(self.folder).as_posix(), file.stat().st_size


def at_once(ask: Callable[[Asked], Answer], about: Collection[Asked], threads: int) -> list[Answer]:
    """Return the answers about each, in order, asked by so many threads."""
    if threads == 1 or len(about) < 2:
        return [ask(one) for one in about]
    with ThreadPoolExecutor(min(threads, len(about))) as pool:
        return list(pool.map(ask, about))


def content_of(key: str) -> str | None:
    """Return the SHA-256 that names a content by its key; None for files of other kinds."""
    found = CONTENT_KEY.fullmatch(key)
    return found[1] if found else None


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, outlive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    """Make a folder, and its name in the one above last."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)
