"""Stored files, named by the SHA-256 of their content: written once, never changed."""

import hashlib
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.core.files.storage import default_storage
from numpy.typing import NDArray

# Longer than any upload takes: what is older was left by a process that was killed.
ABANDONED_SECONDS = 24 * 3600


class TooLarge(ValueError):
    """More bytes came in than the limit allows."""


@dataclass(frozen=True)
class Incoming:
    """Content received whole, in a temporary file that goes away unless it is kept."""

    temporary: Path
    size_bytes: int
    sha256: str

    def keep(self) -> str:
        """Store the content for good and return its SHA-256 in hex."""
        final = path(self.sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        # Renamed when whole: a reader never sees half a file. What is stored stays as it is.
        if not final.exists():
            self.temporary.replace(final)
            _sync(final.parent)
        return self.sha256


@contextmanager
def receive(chunks: Iterable[bytes], *, limit_bytes: int) -> Iterator[Incoming]:
    """Write `chunks` to disk as they come, then hand over what was received.

    Raises TooLarge as soon as there are more than `limit_bytes`.
    """
    folder = Path(default_storage.path("incoming"))
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            size_bytes, digest = 0, hashlib.sha256()
            for chunk in chunks:
                size_bytes += len(chunk)
                if size_bytes > limit_bytes:
                    raise TooLarge(f"more than {limit_bytes} bytes")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Incoming(Path(name), size_bytes, digest.hexdigest())
    finally:
        Path(name).unlink(missing_ok=True)


def store(content: bytes) -> str:
    """Keep `content` and return its SHA-256 in hex. Storing the same again changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    if not path(sha256).exists():
        with receive([content], limit_bytes=len(content)) as incoming:
            incoming.keep()
    return sha256


def sweep(folder: str, now_seconds: float) -> int:
    """Delete what killed processes left half done in `folder`; return how many things."""
    deleted = 0
    for file in Path(default_storage.path(folder)).glob("*"):
        with suppress(FileNotFoundError):  # whole in this moment, and gone
            if file.stat().st_mtime < now_seconds - ABANDONED_SECONDS:
                shutil.rmtree(file) if file.is_dir() else file.unlink()
                deleted += 1
    return deleted


def load(sha256: str) -> bytes:
    """Return the content that was stored. Raises FileNotFoundError."""
    return path(sha256).read_bytes()


def path(sha256: str) -> Path:
    """Return where the content lies."""
    return Path(default_storage.path(f"{sha256[:2]}/{sha256}"))


def load_samples(sha256: str, *, width: int, height: int) -> NDArray[np.uint8]:
    """Map stored RGB8 samples into memory: uint8 of shape (height, width, 3), read-only."""
    # Cheaper than np.memmap, which small pictures notice.
    with path(sha256).open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, np.uint8).reshape(height, width, 3)


def _sync(folder: Path) -> None:
    """Make a new name in `folder` outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
