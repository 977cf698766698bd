"""Stored files: named by digest, whole or not there."""

import hashlib
import os
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from ratings.storage import content_store, scratch


def left_over() -> list[Path]:
    return list(Path(default_storage.path("incoming")).iterdir())


def test_more_than_the_limit_is_refused_and_nothing_stays() -> None:
    with (
        pytest.raises(content_store.TooLarge),
        content_store.receive([b"ab", b"cd"], limit_bytes=3),
    ):
        pass
    assert left_over() == []


def test_what_is_not_kept_goes_away() -> None:
    with content_store.receive([b"ab", b"cd"], limit_bytes=4) as incoming:
        assert incoming.temporary.read_bytes() == b"abcd"
    assert left_over() == []
    assert not content_store.path(incoming.sha256).exists()


def test_what_is_kept_is_found_by_its_digest() -> None:
    with content_store.receive([b"ab", b"cd"], limit_bytes=4) as incoming:
        sha256 = incoming.sha256
        incoming.store()
    assert sha256 == hashlib.sha256(b"abcd").hexdigest() == content_store.store(b"abcd")
    assert content_store.load(sha256) == b"abcd"
    assert left_over() == []
    with pytest.raises(FileNotFoundError):
        content_store.load(hashlib.sha256(b"other").hexdigest())


def test_what_is_kept_twice_is_kept() -> None:
    with content_store.receive([b"ab", b"cd"], limit_bytes=4) as incoming:
        incoming.store()
        incoming.store()
    assert content_store.load(incoming.sha256) == b"abcd"
    content_store.path(incoming.sha256).unlink()
    with pytest.raises(FileNotFoundError):
        incoming.store()


def test_what_a_killed_process_left_is_swept_after_a_day() -> None:
    folder = Path(default_storage.path("incoming"))
    assert scratch.sweep(0) == 0  # no folder yet
    folder.mkdir(parents=True)
    for name, age in [
        ("old", scratch.ABANDONED_SECONDS + 1),
        ("new", scratch.ABANDONED_SECONDS - 1),
    ]:
        (folder / name).touch()
        os.utime(folder / name, (1e9 - age, 1e9 - age))
    abandoned = folder / "run"
    (abandoned / "outputs").mkdir(parents=True)
    os.utime(abandoned, (0, 0))
    assert scratch.sweep(1e9) == 2
    assert [path.name for path in left_over()] == ["new"]
