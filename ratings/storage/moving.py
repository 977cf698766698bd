"""Moving all files from one store to another: what is there already is only looked at.

Every file is read back from where it went, and its SHA-256 compared.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ratings.storage.scratch import INCOMING, scratch
from ratings.storage.shelves import PARTS, Shelf
from ratings.storage.store import FolderStore, Store, content_of

AT_ONCE = 8
THERE, COPIED, DAMAGED, GONE = "there", "copied", "damaged", "gone"


@dataclass
class Moved:
    """What became of files of one kind: `damaged` says which are not what they should be."""

    files: int = 0
    size_bytes: int = 0
    there: int = 0
    damaged: list[str] = field(default_factory=list)


def foresee(shelf: Shelf, source: Store, target: Store) -> Moved:
    """Count the files of a kind, and those that are there already by name and length."""
    foreseen = Moved()
    for part in PARTS:
        files, there = dict(shelf.listed(source, part)), dict(shelf.listed(target, part))
        foreseen.files += len(files)
        foreseen.size_bytes += sum(files.values())
        foreseen.there += len(files.items() & there.items())
    return foreseen


def move(shelf: Shelf, source: Store, target: Store, told: Callable[[int], None]) -> Moved:
    """Copy the files of a kind that the target lacks, or has otherwise; `told` hears of each.

    It gets the file's bytes. The source stays as it is; doing it again goes on where it was.
    Raises StoreAway and OSError.
    """
    moved = Moved()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part in PARTS:
            files, there = dict(shelf.listed(source, part)), dict(shelf.listed(target, part))
            asked = [(shelf, source, target, *one, there.get(one[0])) for one in files.items()]
            outcomes = pool.map(lambda one: _move_one(*one), asked)
            for (key, size_bytes), outcome in zip(files.items(), outcomes, strict=True):
                moved.files += outcome != GONE
                moved.size_bytes += size_bytes
                moved.there += outcome == THERE
                if outcome == DAMAGED:
                    moved.damaged.append(source.place(key))
                told(size_bytes)
    return moved


def _move_one(
    shelf: Shelf, source: Store, target: Store, key: str, size_bytes: int, there: int | None
) -> str:
    try:
        if there == size_bytes:
            if target.digest(key) == (content_of(key) or source.digest(key)):
                return THERE
            target.delete(key)  # a content is not sent where one of its length is
        with tempfile.TemporaryDirectory(dir=_incoming(target)) as folder:
            copy = Path(folder, "copy")
            sha256 = _write(source.pieces(key, range(size_bytes)), copy)
            if sha256 != (content_of(key) or sha256):
                return DAMAGED
            target.put(key, copy, public=shelf.public, modified_at=shelf.modified_at)
    except FileNotFoundError:
        return GONE  # deleted since it was listed
    return COPIED if target.digest(key) == sha256 else DAMAGED


def _incoming(target: Store) -> Path:
    """Return a folder for what is on its way, on the disk that it goes to."""
    if not isinstance(target, FolderStore):
        return scratch(INCOMING)
    folder = target.folder / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(pieces: Iterator[bytes], file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("wb") as written:
        for piece in pieces:
            digest.update(piece)
            written.write(piece)
    return digest.hexdigest()
