"""What a run tells, and how it is followed and stopped."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ratings.sandbox.containment import bubblewrap
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.metering.meters import Watching
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import KIB, MIB, Limit
from ratings.sandbox.sandbox_errors import FileRefused, SandboxUnavailable
from ratings.sandbox.sandboxes import BubblewrapSandbox
from tests.sandbox.builders import SMALL, build_decoder, processes, run_plain
from tests.sandbox.conftest import Run
from tests.sandbox.hostile_decoders import TRIES
from tests.waiting import PATIENCE_SECONDS

SHELL = "#!/bin/sh\n"


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        ("exit 3", "The decoder failed with exit code 3."),
        (
            "echo first; echo 'no model' >&2; exit 1",
            'The decoder failed with exit code 1; its last words: "no model".',
        ),
        ("exit 255", "The decoder failed with exit code 255."),
        ("exit 200", "The decoder failed with exit code 200."),
        (
            "kill -SEGV $$",
            'The decoder was ended by SIGSEGV; its last words: "Segmentation fault".',
        ),
        ("kill -9 $$", 'The decoder was ended by SIGKILL; its last words: "Killed".'),
    ],
)
def test_the_verdict_says_how_it_ended(run: Run, program: str, verdict: str) -> None:
    result = run(SHELL + program)
    assert result.verdict == verdict
    assert not result.succeeded


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ("#!/usr/bin/python9\n", 127, "interpreter that its first line names, was not found"),
        ("#!/usr/bin/env ruby-of-the-future\n", 127, "exit code 127"),
        (b"\x7fELF and then nothing", 126, "could not be executed"),
        ("#!/\n", 126, "could not be executed"),
    ],
)
def test_what_can_not_start(run: Run, program: str | bytes, code: int, words: str) -> None:
    result = run(program)
    assert result.termination.exit_code == code, result
    assert words in result.verdict


@pytest.mark.parametrize("watching", [False, True])
def test_use_is_measured(run: Run, watching: bool) -> None:
    program = (
        "#!/usr/bin/env -S python3 -SE\nimport os, time\n"
        "taken = os.urandom(1 << 20) * 30\n"
        "while time.process_time() < 0.5: pass\n"
    )
    limits = replace(SMALL, cpu_seconds=5)
    termination = run(program, watching=watching, limits=limits).termination
    assert 30 * MIB < termination.peak_memory_bytes < 80 * MIB
    assert 0.5 <= termination.cpu_seconds < 1.5
    assert termination.wall_seconds >= 0.5


def test_no_core_is_dumped(run: Run) -> None:
    result = run(SHELL + "ulimit -c; ls /proc/sys/kernel/core_pattern; sh -c 'kill -ABRT $$'; ls")
    assert b"0\n" in result.log
    assert b"core\n" not in result.log


def test_the_log_is_streamed_while_it_runs(environment: DecoderEnvironment, tmp_path: Path) -> None:
    """The program waits for ever, and is stopped by what has come of its log."""
    heard: list[bytes] = []
    result = run_plain(
        BubblewrapSandbox(environment),
        tmp_path,
        SHELL + "echo started; sleep 1000",
        log=heard.append,
        keep_going=lambda: b"started" not in b"".join(heard),
    )
    assert result.log == b"started\n" == b"".join(heard)
    assert result.verdict == "The decoder was stopped by request."
    assert result.termination.stopped
    assert result.termination.limit is None


def test_a_failing_listener_ends_the_run(environment: DecoderEnvironment, tmp_path: Path) -> None:
    def fail(data: bytes) -> None:
        raise ConnectionError(data)

    with pytest.raises(ConnectionError):
        sandbox = BubblewrapSandbox(environment)
        run_plain(sandbox, tmp_path, SHELL + "echo a; sleep 1000", log=fail)


def test_a_long_log_keeps_its_beginning_and_its_end(run: Run) -> None:
    program = SHELL + "echo first; seq 100000; echo last"
    log = run(program, limits=replace(SMALL, log_bytes=8 * KIB)).log
    assert log.startswith(b"first\n1\n2\n")
    assert log.endswith(b"\n99999\n100000\nlast\n")
    assert b"bytes left out]" in log


def test_files_that_were_there_before_do_not_count(run: Run) -> None:
    program = SHELL + "echo x > ours.png; echo y >> theirs.png; mkdir -p d; echo z > d/new.png"
    result = run(program, inputs={"ours.png": b"old"}, theirs__png="old")
    assert set(result.outputs) == {"d/new.png"}


def test_modes_of_outputs_are_not_taken_over(run: Run) -> None:
    result = run(SHELL + "echo x > a.png; chmod 6777 a.png")
    assert result.outputs["a.png"].file.stat().st_mode & 0o7111 == 0


def test_an_input_must_not_overwrite_the_decoder(run: Run) -> None:
    with pytest.raises(FileRefused, match="'decode' has the name of a file to decode"):
        run(SHELL, inputs={"decode": b"x"})


def test_a_decoder_larger_than_its_memory(run: Run) -> None:
    result = run(SHELL + "exit 0", limits=replace(SMALL, memory_bytes=4 * MIB), big="x" * 9_000_000)
    assert result.termination.limit is Limit.MEMORY
    assert result.verdict == "The decoder was stopped at the memory limit of 4 MiB."


def test_it_reaches_nothing_of_this_machine(run: Run, tmp_path: Path) -> None:
    """An original, and sockets that listen here: by path, by abstract name, by port."""
    original, name = tmp_path / "original.png", f"ratings-{os.getpid()}"
    original.write_text("truth")
    with (
        TemporaryDirectory() as folder,  # a socket's path is short, and this test's is not
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as by_path,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        abstract.bind(f"\0{name}")
        by_path.bind(f"{folder}/{name}")
        abstract.listen()
        by_path.listen()
        result = run(
            "#!/usr/bin/env -S python3 -SEB\nimport os, socket\nfrom tries import refused\n"
            f"for path in ('', '/proc/1/root', '/proc/1/cwd'):\n"
            f"    refused(open, path + '{original}')\n"
            f"refused(os.kill, {os.getpid()}, 0)\n"
            f"refused(socket.socket(socket.AF_UNIX).connect, '\\0{name}')\n"
            f"refused(socket.socket(socket.AF_UNIX).connect, '{folder}/{name}')\n"
            f"refused(socket.create_connection, ('127.0.0.1', {server.getsockname()[1]}))\n",
            tries__py=TRIES,
        )
    assert result.succeeded, result
    assert [line[:7] for line in result.log.splitlines()] == [b"refused"] * 7
    assert b"BREACH" not in result.log


def test_two_runs_know_nothing_of_each_other(
    environment: DecoderEnvironment, tmp_path: Path
) -> None:
    """The number of processes counts for each run alone, and no folder is shared."""
    sandbox = BubblewrapSandbox(environment, Watching())
    limits = replace(SMALL, processes=4)
    program = SHELL + "touch /tmp/hostile-a /dev/shm/hostile-a; echo up; sleep 1000 & wait"
    inner: list[RunResult] = []

    def look() -> bool:
        second = tmp_path / "second"
        second.mkdir()
        inner.append(run_plain(sandbox, second, SHELL + "ls /tmp /dev/shm | cat", limits=limits))
        return False

    run_plain(sandbox, tmp_path, program, limits=limits, keep_going=look)
    assert inner[0].succeeded, inner
    assert b"hostile" not in inner[0].log


def test_a_killed_worker_takes_its_programs_along(
    environment: DecoderEnvironment, tmp_path: Path
) -> None:
    """Nobody is left to stop it, so the kernel must."""
    decoder = build_decoder(tmp_path / "decoder", SHELL + "echo started; exec sleep 1000")
    (tmp_path / "outputs").mkdir()
    code = f"""
from pathlib import Path
from ratings.sandbox.environments.trees import DecoderEnvironment
from ratings.sandbox.sandboxes import BubblewrapSandbox
from tests.sandbox.builders import SMALL, Witness
from ratings.sandbox.sandboxes import best_meters
class Told(Witness):
    def meter(self, *arguments):
        meter = super().meter(*arguments)
        print(self.seen[0], flush=True)
        return meter
environment = DecoderEnvironment(Path({str(environment.tree)!r}))
sandbox = BubblewrapSandbox(environment, Told(best_meters()))
sandbox.run(Path({str(decoder)!r}), {{}}, Path({str(tmp_path / "outputs")!r}), SMALL,
            log=lambda data: print(data.decode(), flush=True))
"""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as worker:
        assert worker.stdout
        namespace = worker.stdout.readline().strip()
        assert worker.stdout.readline() == "started\n"
        inside = [pid for pid in processes() if pid_namespace(pid) == namespace]
        assert inside
        watched = [os.pidfd_open(int(pid)) for pid in inside]
        held = os.open(f"/proc/{inside[0]}/ns/pid", os.O_RDONLY)  # so that no other has its number
        worker.send_signal(signal.SIGKILL)
    for descriptor in watched:
        with os.fdopen(descriptor):
            waited = subprocess.run(
                [sys.executable, "-c", f"import select; select.select([{descriptor}], [], [])"],
                pass_fds=[descriptor],
                timeout=PATIENCE_SECONDS,
            )
            assert waited.returncode == 0
    alive = [pid for pid in processes() if pid_namespace(pid) == namespace]
    assert all("\nState:\tZ" in Path(f"/proc/{pid}/status").read_text() for pid in alive)
    os.close(held)


def pid_namespace(pid: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""


def test_without_bubblewrap_nothing_runs(
    environment: DecoderEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="install the package 'bubblewrap'"):
        run_plain(BubblewrapSandbox(environment), tmp_path, SHELL)


def test_what_bubblewrap_says_is_passed_on(
    environment: DecoderEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "HARDENING", "--share-moon")
    with pytest.raises(SandboxUnavailable, match=r"share-moon.*docs/sandbox.md"):
        run_plain(BubblewrapSandbox(environment), tmp_path, SHELL)
