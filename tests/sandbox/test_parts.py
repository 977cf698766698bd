"""The small parts: limits in words, logs, staging, collecting, control groups."""

import io
import os
import tarfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.sandbox.metering import cgroups
from ratings.sandbox.metering.cgroups import GroupsV1, GroupsV2, find_groups
from ratings.sandbox.metering.meters import Inside, Usage
from ratings.sandbox.results.collecting import Collected, collect
from ratings.sandbox.results.logs import BoundedLog
from ratings.sandbox.results.run_result import RunResult, Termination
from ratings.sandbox.run_limits import GIB, KIB, MIB, Limit, Limits, size_words
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.sandbox.staging import stage
from tests.sandbox.builders import SMALL, build_decoder

NO_DESCRIPTORS = Inside(-1, -1, ())
CALL = Limits(cpu_seconds=3600, wall_seconds=36000, memory_bytes=8 * GIB)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit.CPU, "the CPU time limit of 3600 s"),
        (Limit.WALL, "the wall time limit of 36000 s"),
        (Limit.MEMORY, "the memory limit of 8 GiB"),
        (Limit.PROCESSES, "the limit of 256 processes and threads"),
        (Limit.WORK, "the working folder's limit of 1 GiB"),
        (Limit.SCRATCH, "the limit for /tmp and for /dev/shm of 256 MiB"),
        (Limit.FILES, "the limit of 20000 files"),
    ],
)
def test_a_verdict_names_the_limit(limit: Limit, words: str) -> None:
    stopped = RunResult(Termination(137, limit, stopped=True), CALL, b"")
    assert stopped.verdict == f"The decoder was stopped at {words}."
    met = RunResult(Termination(1, limit), CALL, b"")
    assert met.verdict == f"The decoder failed with exit code 1 after it came up against {words}."


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (KIB, "1 KiB"), (3 * MIB // 2, "1.5 MiB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("status", "signal", "code"),
    [(0, None, 0), (1, None, 1), (137, "SIGKILL", None), (159, "SIGSYS", None), (255, None, 255)],
)
def test_a_status_is_a_code_or_a_signal(status: int, signal: str | None, code: int | None) -> None:
    termination = Termination(status)
    assert (termination.signal and termination.signal.name) == signal
    assert termination.exit_code == code


@given(st.lists(st.binary(max_size=40)), st.integers(min_value=2, max_value=100))
def test_a_log_keeps_both_ends_of_whatever_comes(pieces: list[bytes], limit: int) -> None:
    heard: list[bytes] = []
    log, all_ = BoundedLog(limit, heard.append), b"".join(pieces)
    for piece in pieces:
        log.write(piece)
    kept = log.finish()
    assert b"".join(heard) == kept
    if len(all_) <= limit:
        assert kept == all_
    else:
        head, tail = all_[: limit - limit // 2], all_[-(limit // 2) :]
        assert kept == head + f"\n[{len(all_) - limit} bytes left out]\n".encode() + tail


def test_staging_is_a_tar_of_decoder_and_inputs(tmp_path: Path) -> None:
    decoder = build_decoder(tmp_path / "decoder", "#!/bin/sh", a__bin="x" * 5000)
    (decoder / "lib").mkdir()
    (decoder / "lib" / "b").write_text("b")
    (decoder / "link").symlink_to("/etc/passwd")
    (tmp_path / "input").write_text("in")
    staged, stream = stage(decoder, {"ü \n.jp2": tmp_path / "input"}), io.BytesIO()
    staged.send(stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        modes = {member.name: oct(member.mode) for member in tar}
        assert {member.uname for member in tar} == {""}
    assert modes == {"a.bin": "0o644", "decode": "0o755", "lib/b": "0o644", "ü \n.jp2": "0o644"}
    assert staged.pages_bytes >= 4 * 8192


@pytest.mark.parametrize("name", ["decode", "lib"])
def test_an_input_with_the_name_of_a_decoders_file(tmp_path: Path, name: str) -> None:
    decoder = build_decoder(tmp_path / "decoder", "#!/bin/sh")
    (decoder / "lib").mkdir()
    (decoder / "lib" / "b").write_text("b")
    with pytest.raises(FileRefused, match=f"'{name}' has the name of a file to decode"):
        stage(decoder, {name: decoder / "decode"})


def collected(folder: Path, into: Path, **options: Any) -> Collected:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return collect(descriptor, into, SMALL, **options)
    finally:
        os.close(descriptor)


def test_collecting_from_a_folder(tmp_path: Path) -> None:
    folder, into = tmp_path / "work", tmp_path / "into"
    (folder / "deep").mkdir(parents=True)
    into.mkdir()
    for name in ("b.png", "a.png", "deep/c.PNG", "old.png", "notes.txt"):
        (folder / name).write_text(name)
    (folder / "link.png").symlink_to("a.png")
    os.link(folder / "b.png", folder / "again.png")
    os.mkfifo(folder / "pipe.png")
    outputs = collected(folder, into, before=("old.png",))
    assert {path: output.file.read_text() for path, output in outputs.outputs.items()} == {
        "a.png": "a.png",
        "deep/c.PNG": "deep/c.PNG",
    }
    assert {path.name for path in into.iterdir()} == {"000000", "000001"}
    assert sorted(outputs.reasons) == ["again.png", "b.png", "link.png", "pipe.png"]


def test_limits_on_record_outlive_what_they_were_written_by() -> None:
    assert Limits.from_record(asdict(SMALL)) == SMALL
    assert Limits.from_record({**asdict(SMALL), "gpus": 8}) == SMALL


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_holes_fill_no_disk(tmp_path: Path) -> None:
    """What fits exactly is taken, and what is small enough after that which is not."""
    folder, into = tmp_path / "work", tmp_path / "into"
    folder.mkdir()
    into.mkdir()
    for name in "abcde":
        sparse(folder / f"{name}.png", SMALL.output_bytes)
    sparse(folder / "d.png", SMALL.output_bytes - 1)
    sparse(folder / "f.png", 1)
    outputs = collected(folder, into)
    assert sorted(outputs.outputs) == ["a.png", "b.png", "c.png", "d.png", "f.png"]
    assert sum(path.stat().st_size for path in into.iterdir()) == SMALL.work_bytes
    assert outputs.reasons == {
        "e.png": "with it the outputs exceed the working folder's limit of 8 MiB"
    }


def test_nothing_more_is_copied_for_a_run_that_nobody_wants(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    for name in "abc":
        (tmp_path / f"{name}.png").write_text(name)
    answers = iter([True, False])
    outputs = collected(tmp_path, tmp_path / "into", keep_going=lambda: next(answers))
    assert (list(outputs.outputs), outputs.reasons) == (["a.png"], {})


def test_reasons_are_limited_too(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    for number in range(150):
        (tmp_path / f"{number}.png").symlink_to("x")
    assert len(collected(tmp_path, tmp_path / "into").reasons) == 100


def test_groups_of_version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a folder in place of the kernel's: what is written where, and what is read back."""
    group = tmp_path / "group"
    files = {
        "memory.max": "",
        "memory.swap.max": "",
        "memory.oom.group": "",
        "memory.peak": "4096\n",
        "memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n",
        "pids.max": "",
        "pids.events": "max 2\n",
        "cpu.max": "",
        "cpu.stat": "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n",
        "cgroup.procs": "",
    }

    def made(parent: Path) -> Path:
        group.mkdir()
        for name, content in files.items():
            (group / name).write_text(content)
        return group

    monkeypatch.setattr(cgroups, "_new_group", made)
    meter = GroupsV2(tmp_path).meter(SMALL, 4711, NO_DESCRIPTORS)
    written = {name: (group / name).read_text() for name in files if not files[name]}
    assert written == {
        "memory.max": str(96 * MIB),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "25",  # one of them is the launcher
        "cpu.max": "200000 100000",
        "cgroup.procs": "4711",
    }
    assert meter.usage() == Usage(1.5, 4096, True, True)


@pytest.mark.skipif(not isinstance(find_groups(), GroupsV1), reason="no cgroup v1 to divide here")
def test_groups_that_killed_workers_left_are_removed() -> None:
    groups = find_groups()
    assert isinstance(groups, GroupsV1)
    left = groups.memory / f"{cgroups.PREFIX}-{2**22 + 1}-0"  # beyond the largest pid
    kept = groups.memory / f"{cgroups.PREFIX}-{os.getppid()}-999999"
    left.mkdir()
    kept.mkdir()
    try:
        assert find_groups() == groups
        assert not left.exists()
        assert kept.exists()
    finally:
        kept.rmdir()


def test_no_group_is_found_where_none_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    monkeypatch.setattr(cgroups, "OWN_GROUPS", own)
    monkeypatch.setattr(cgroups, "ROOT", tmp_path / "root")
    for text in ("", "0::/a/b\n", "4:memory:/\n3:pids:/\n2:cpu,cpuacct:/\n0::/\n"):
        own.write_text(text)
        assert find_groups() is None
    assert not (tmp_path / "root").exists()


def test_the_group_above_is_taken_when_ours_is_a_leaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").write_text("0::/ratings.service/worker\n")
    service = tmp_path / "root" / "ratings.service"
    (service / "worker").mkdir(parents=True)
    (service / "worker" / "cgroup.procs").write_text("")
    (service / "cgroup.subtree_control").write_text("")
    monkeypatch.setattr(cgroups, "OWN_GROUPS", tmp_path / "own")
    monkeypatch.setattr(cgroups, "ROOT", tmp_path / "root")
    assert find_groups() == GroupsV2(service)
    assert (service / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
