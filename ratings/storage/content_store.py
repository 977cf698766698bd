"""Contents: files named by the SHA-256 of what they hold, which never change.

Who names one in a row keeps it first (`ratings.storage.deletion`).
"""

import hashlib
import mmap
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ratings.storage.scratch import INCOMING, scratch
from ratings.storage.shelves import CONTENT


class TooLarge(ValueError):
    """More bytes came in than the limit allows."""


@dataclass(frozen=True)
class Incoming:
    """Content received whole, in a temporary file that goes away unless it is stored."""

    temporary: Path
    size_bytes: int
    sha256: str

    def bring(self) -> None:
        """Do what takes long of storing it, before anybody's rows are locked."""
        CONTENT.bring(self.sha256, self.temporary)

    def store(self) -> None:
        """Store it under its digest. It outlives a loss of power from then on.

        Doing it again changes nothing: a transaction is repeated where the database went away.
        """
        if self.temporary.exists() or not CONTENT.has(self.sha256):
            CONTENT.put(self.sha256, self.temporary)


@contextmanager
def receive(chunks: Iterable[bytes], *, limit_bytes: int) -> Iterator[Incoming]:
    """Write `chunks` to disk as they come, then hand over what was received.

    Raises TooLarge as soon as there are more than `limit_bytes`.
    """
    descriptor, name = tempfile.mkstemp(dir=scratch(INCOMING))
    try:
        with os.fdopen(descriptor, "wb") as file:
            size_bytes, digest = 0, hashlib.sha256()
            for chunk in chunks:
                size_bytes += len(chunk)
                if size_bytes > limit_bytes:
                    raise TooLarge(f"more than {limit_bytes} bytes")
                digest.update(chunk)
                file.write(chunk)
        yield Incoming(Path(name), size_bytes, digest.hexdigest())
    finally:
        Path(name).unlink(missing_ok=True)


def received(file: Path, size_bytes: int, sha256: str) -> Incoming:
    """Return a file that was made in a scratch folder as what is to be stored, and bring it."""
    incoming = Incoming(file, size_bytes, sha256)
    incoming.bring()
    return incoming


def store(content: bytes) -> str:
    """Store `content` and return its SHA-256 in hex. Storing the same again changes nothing.

    Who names it in a row holds it first (`deletion.hold`): else it may have had its time.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    if not CONTENT.has(sha256):
        CONTENT.write(sha256, content)
    return sha256


def load(sha256: str) -> bytes:
    """Return the content that was stored. Raises FileNotFoundError."""
    return CONTENT.read(sha256)


def pieces(sha256: str, wanted: range) -> Iterator[bytes]:
    """Yield the bytes of a range of the content, piece by piece. Raises FileNotFoundError."""
    return CONTENT.pieces(sha256, wanted)


def path(sha256: str) -> Path:
    """Return where the content lies in the folder, whether it is there or not."""
    return CONTENT.path(sha256)


def mapped(sha256: str) -> mmap.mmap:
    """Map the content into memory, read-only. Raises FileNotFoundError."""
    with CONTENT.open(sha256) as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
