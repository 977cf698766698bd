"""Every kind of file is written in one way, which a loss of power can't undo."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from ratings.storage import content_store
from ratings.storage.deletion import keep
from ratings.storage.root import root
from ratings.storage.shelves import CONTENT, CROPS, PREVIEWS, SHELVES, Shelf

NAME = "ab" * 16
SHELF_IDS = [shelf.folder or "content" for shelf in SHELVES]
each_shelf = pytest.mark.parametrize("shelf", SHELVES, ids=SHELF_IDS)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """Note the system's calls that bring a file to disk or rename it, by its inode."""
    noted: list[tuple[str, int]] = []
    fsync, replace = os.fsync, Path.replace

    def noting_fsync(descriptor: int) -> None:
        noted.append(("fsync", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def noting_replace(self: Path, target: Path) -> Path:
        noted.append(("rename", self.stat().st_ino))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    yield noted


def inode(path: Path) -> int:
    return path.stat().st_ino


@each_shelf
def test_a_file_is_on_disk_before_it_has_its_name_and_then_the_name_is(
    shelf: Shelf, calls: list[tuple[str, int]]
) -> None:
    shelf.write(NAME, b"content")
    file = shelf.path(NAME)
    own = ("fsync", inode(file)), ("rename", inode(file)), ("fsync", inode(file.parent))
    assert calls[-3:] == list(own)
    # So are the new folders' names.
    above = [folder for folder in file.parent.parents if folder.is_relative_to(root())]
    assert {("fsync", inode(folder)) for folder in above} <= set(calls)


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_on_disk_before_anybody_s_rows_are_locked(
    calls: list[tuple[str, int]],
) -> None:
    with content_store.receive([b"up", b"load"], limit_bytes=6) as incoming:
        incoming.bring()
        assert calls[-1] == ("fsync", inode(incoming.temporary))
        with transaction.atomic():
            keep(incoming)
    file = content_store.path(incoming.sha256)
    assert calls[-2:] == [("rename", inode(file)), ("fsync", inode(file.parent))]


@pytest.fixture(params=["folder", "bucket"])
def either_store(request: pytest.FixtureRequest) -> None:
    if request.param == "bucket":
        request.getfixturevalue("bucket")


@each_shelf
@pytest.mark.usefixtures("either_store")
def test_a_file_is_found_read_listed_and_deleted(shelf: Shelf) -> None:
    assert (shelf.has(NAME), shelf.size(NAME), shelf.sizes("a")) == (False, None, {})
    shelf.delete(NAME)
    with pytest.raises(FileNotFoundError):
        shelf.read(NAME)
    shelf.write(NAME, b"content")
    assert (shelf.read(NAME), shelf.size(NAME)) == (b"content", 7)
    assert (shelf.sizes("a"), shelf.sizes("b")) == ({NAME: 7}, {})
    assert shelf.sizes_of([NAME, "b" * 32]) == {NAME: 7}
    assert b"".join(shelf.pieces(NAME, range(2, 6))) == b"nten"
    assert b"".join(shelf.pieces(NAME, range(0))) == b""
    with shelf.open(NAME) as read_by_somebody:
        shelf.write(NAME, b"other")
        assert (read_by_somebody.read(), shelf.read(NAME)) == (b"content", b"other")
    shelf.delete(NAME)
    shelf.delete(NAME)
    assert not shelf.has(NAME)


@pytest.mark.usefixtures("either_store")
def test_each_kind_is_listed_apart_from_the_others_and_from_temporary_files() -> None:
    names = {CONTENT: "de" * 32, CROPS: "cr" * 16, PREVIEWS: "1e" * 32}
    for shelf, name in names.items():
        shelf.write(name, b"x")
    (root() / "decoding").mkdir(exist_ok=True)
    (root() / "decoding" / "7-abc").touch()
    assert [CONTENT.sizes(digit) for digit in "dcp1"] == [{names[CONTENT]: 1}, {}, {}, {}]
    assert CROPS.sizes("c") == {names[CROPS]: 1}
    assert PREVIEWS.sizes("1") == {names[PREVIEWS]: 1}


def test_files_lie_where_earlier_versions_of_the_site_put_them() -> None:
    name = "ab" + "0" * 62
    lie = [shelf.path(name).relative_to(root()).as_posix() for shelf in SHELVES]
    assert lie == [
        f"ab/{name}",
        f"crops/ab/{name}.webp",
        f"previews/ab/{name}.webp",
        f"tiles/ab/{name}.tiles",
    ]


def test_who_cannot_write_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        CROPS.write(NAME, b"x")
    assert [path for path in root().rglob("*") if path.is_file()] == []
