"""Copies on a machine's own disk: what is asked for comes, whoever else is at work or is killed."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ratings.storage.local_cache import (
    LOOK_AFTER_SECONDS,
    UNUSED_SECONDS,
    DamagedContent,
    LocalCache,
)

CONTENTS = [bytes([number]) * 1000 for number in range(40)]
NAMES = [hashlib.sha256(content).hexdigest() for content in CONTENTS]
# A process that fetches all contents over and over, slowly enough to be killed half-way.
FETCHER = """
import hashlib, sys, time
from pathlib import Path
from ratings.storage.local_cache import LocalCache

CONTENTS = [bytes([number]) * 1000 for number in range(40)]
NAMES = [hashlib.sha256(content).hexdigest() for content in CONTENTS]

def slowly(content):
    yield content[:500]
    time.sleep(0.001)
    yield content[500:]

cache = LocalCache(Path(sys.argv[1]), 8_000)
print("begun", flush=True)
for turn in range(int(sys.argv[2])):
    for name, content in zip(NAMES, CONTENTS):
        with cache.open(name, lambda: slowly(content)) as file:
            assert file.read() == content
"""


def never() -> Iterator[bytes]:
    raise AssertionError("it is here already")


def held(cache: LocalCache) -> set[str]:
    return {path.name for path in cache.folder.glob("??/*")}


def fetch(cache: LocalCache, number: int) -> None:
    cache.open(NAMES[number], lambda: [CONTENTS[number]]).close()


def use_earlier(cache: LocalCache, number: int, seconds: float) -> None:
    """Let a copy have been used so many seconds before it was."""
    path = cache.folder / NAMES[number][:2] / NAMES[number]
    used = path.stat().st_mtime - seconds
    os.utime(path, (used, used))


def test_a_copy_is_fetched_once_and_the_longest_unused_goes_first(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path, 3_500)
    for number in (0, 1, 2):
        fetch(cache, number)
        use_earlier(cache, number, 60 - number)
    with cache.open(NAMES[0], never) as first, cache.open(NAMES[1], never) as second:
        fetch(cache, 3)
        assert held(cache) == {NAMES[0], NAMES[1], NAMES[3]}
        cache.drop(NAMES[0])
        # Whoever has one open keeps it.
        assert (first.read(), second.read()) == (CONTENTS[0], CONTENTS[1])
    assert held(cache) == {NAMES[1], NAMES[3]}


def test_what_nobody_used_for_a_day_goes_and_so_does_what_the_killed_left(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path, 1_000_000)
    fetch(cache, 0)
    use_earlier(cache, 0, UNUSED_SECONDS + 60)
    now = tmp_path.stat().st_mtime
    for name, age in (("part-old", UNUSED_SECONDS + 60), ("part-new", UNUSED_SECONDS - 600)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (now - age, now - age))
    fetch(LocalCache(tmp_path, 1_000_000), 1)
    assert held(cache) == {NAMES[1]}
    assert {path.name for path in tmp_path.glob("part-*")} == {"part-new"}


def test_copies_go_though_nothing_comes(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path, 1_000_000)
    for number in (0, 1):
        fetch(cache, number)
    use_earlier(cache, 0, UNUSED_SECONDS + 60)
    fetch(cache, 1)
    assert held(cache) == {NAMES[0], NAMES[1]}  # it has just looked
    cache._looked_at -= LOOK_AFTER_SECONDS
    fetch(cache, 1)
    assert held(cache) == {NAMES[1]}


def test_other_bytes_than_the_name_says_are_not_kept(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path, 1_000_000)
    with pytest.raises(DamagedContent, match=NAMES[0]):
        cache.open(NAMES[0], lambda: [CONTENTS[1]])
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_link_outlives_its_copy_and_the_largest_content_has_room(tmp_path: Path) -> None:
    cache = LocalCache(tmp_path / "copies", 10)
    cache.link(NAMES[0], tmp_path / "mine", lambda: [CONTENTS[0]])
    fetch(cache, 1)
    assert held(cache) == {NAMES[1]}
    assert (tmp_path / "mine").read_bytes() == CONTENTS[0]


def test_what_is_taken_by_a_link_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, sent = LocalCache(tmp_path / "copies", 1_000_000), tmp_path / "sent"
    sent.write_bytes(CONTENTS[0])
    steps: list[tuple[str, int]] = []
    fsync, link = os.fsync, os.link

    def noting_fsync(descriptor: int) -> None:
        steps.append(("fsync", os.fstat(descriptor).st_ino))
        fsync(descriptor)

    def noting_link(file: Path, name: Path) -> None:
        steps.append(("link", file.stat().st_ino))
        link(file, name)

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "link", noting_link)
    for _ in range(2):
        cache.add(NAMES[0], sent)
    inode = sent.stat().st_ino
    assert steps == [("fsync", inode), ("link", inode)]
    with cache.open(NAMES[0], never) as copy:
        assert copy.read() == CONTENTS[0]


def test_processes_share_it_and_killed_ones_leave_nothing_that_harms(tmp_path: Path) -> None:
    """Two run to their ends and see the right bytes; one is killed in between."""

    def begin(turns: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", FETCHER, str(tmp_path), str(turns)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    killed, *others = begin(10_000), begin(2), begin(2)
    assert killed.stdout and killed.stdout.readline() == "begun\n"
    assert [other.wait() for other in others] == [0, 0]
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    for process in (killed, *others):
        assert process.stdout
        process.stdout.close()
    for path in tmp_path.glob("??/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert len(list(tmp_path.glob("??/*"))) <= 8 + 3
    cache = LocalCache(tmp_path, 8_000)
    for name, content in zip(NAMES, CONTENTS, strict=True):
        with cache.open(name, partial(list, [content])) as file:
            assert file.read() == content
    assert len(held(cache)) <= 8
