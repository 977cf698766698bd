"""The store: what it does with files, and the one there is, a folder of the file system."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from ratings.storage.root import root


class Store(Protocol):
    """Files by key, such as `crops/ab/abcd.webp`; each is there whole or not at all.

    A key's last part is the file's name, and the part before are the name's first two characters.
    """

    def put(self, key: str, file: Path, *, public: bool, modified_at: int | None) -> None:
        """Store a local file, which goes away; a reader sees the old one of this key or this one.

        It outlives a loss of power from then on. Other users of the machine, such as a web
        server's, may read what is public. `modified_at`, in seconds, is what its age shall be told
        by; None: when it was written.
        """

    def open(self, key: str) -> BinaryIO:
        """Open the file for reading, with a descriptor that can be mapped.

        Raises FileNotFoundError.
        """

    def path(self, key: str) -> Path:
        """Return a local file of the same content, to be read only; it need not be there."""

    def size(self, key: str) -> int | None:
        """Return how many bytes the file has; None where there is none."""

    def delete(self, key: str) -> None:
        """Delete the file, if it is there."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and bytes of each file whose key begins with folder and digit of `prefix`."""


@dataclass(frozen=True)
class FolderStore:
    """The store in a folder of a file system."""

    folder: Path

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

    def path(self, key: str) -> Path:
        """Return where the file lies."""
        return self.folder / key

    def size(self, key: str) -> int | None:
        """See `Store`."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        """See `Store`."""
        self.path(key).unlink(missing_ok=True)

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `Store`."""
        for file in self.folder.glob(f"{prefix}?/*"):
            with suppress(FileNotFoundError):  # deleted in this moment
                yield file.relative_to(self.folder).as_posix(), file.stat().st_size


def the_store() -> Store:
    """Return the site's store."""
    return FolderStore(root())


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
