"""What a run tells, and how it is followed and stopped."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ratings.sandbox import bubblewrap
from ratings.sandbox.environments import Environment
from ratings.sandbox.limits import KIB, MIB, Limit
from ratings.sandbox.meters import Watching
from ratings.sandbox.outcome import Outcome
from ratings.sandbox.refusals import FileRefused, SandboxUnavailable
from ratings.sandbox.running import BubblewrapSandbox, Sandbox
from tests.sandbox.builders import SMALL, build_decoder
from tests.sandbox.conftest import Run
from tests.sandbox.hostile import PYTHON

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
    outcome = run(SHELL + program)
    assert outcome.verdict == verdict
    assert not outcome.succeeded


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ("#!/usr/bin/python9\n", 127, "interpreter that its first line names, was not found"),
        ("#!/usr/bin/env ruby-of-the-future\n", 127, "was not found"),
        (b"\x7fELF and then nothing", 126, "could not be executed"),
        ("#!/\n", 126, "could not be executed"),
    ],
)
def test_what_can_not_start(run: Run, program: str | bytes, code: int, words: str) -> None:
    outcome = run(program)
    assert outcome.ending.exit_code == code, outcome
    assert words in outcome.verdict


@pytest.mark.parametrize("watching", [False, True])
def test_use_is_measured(run: Run, watching: bool) -> None:
    program = (
        "#!/usr/bin/env -S python3 -SE\nimport os, time\n"
        "taken = os.urandom(1 << 20) * 30\n"
        "while time.process_time() < 0.5: pass\n"
    )
    limits = replace(SMALL, cpu_seconds=5)
    ending = run(program, watching=watching, limits=limits).ending
    assert 30 * MIB < ending.peak_memory_bytes < 80 * MIB
    assert 0.5 <= ending.cpu_seconds < 1.5
    assert ending.wall_seconds >= 0.5


def test_no_core_is_dumped(run: Run) -> None:
    outcome = run(SHELL + "ulimit -c; ls /proc/sys/kernel/core_pattern; sh -c 'kill -ABRT $$'; ls")
    assert b"0\n" in outcome.log
    assert b"core\n" not in outcome.log


def test_the_log_is_streamed_while_it_runs(environment: Environment, tmp_path: Path) -> None:
    """The program waits for ever, and is stopped by what has come of its log."""
    heard: list[bytes] = []
    outcome = run_plain(
        BubblewrapSandbox(environment),
        tmp_path,
        SHELL + "echo started; sleep 1000",
        log=heard.append,
        keep_going=lambda: b"started" not in b"".join(heard),
    )
    assert outcome.log == b"started\n" == b"".join(heard)
    assert outcome.verdict == "The decoder was stopped by request."
    assert outcome.ending.stopped
    assert outcome.ending.limit is None


def test_a_failing_listener_ends_the_run(environment: Environment, tmp_path: Path) -> None:
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
    outcome = run(program, inputs={"ours.png": b"old"}, theirs__png="old")
    assert set(outcome.outputs) == {"d/new.png"}


def test_modes_of_outputs_are_not_taken_over(run: Run) -> None:
    outcome = run(SHELL + "echo x > a.png; chmod 6777 a.png")
    assert outcome.outputs["a.png"].file.stat().st_mode & 0o7111 == 0


def test_an_input_must_not_overwrite_the_decoder(run: Run) -> None:
    with pytest.raises(FileRefused, match="'decode' has the name of a file to decode"):
        run(SHELL, inputs={"decode": b"x"})


def test_a_decoder_larger_than_its_memory(run: Run) -> None:
    outcome = run(
        SHELL + "exit 0", limits=replace(SMALL, memory_bytes=4 * MIB), big="x" * 9_000_000
    )
    assert outcome.ending.limit is Limit.MEMORY
    assert outcome.verdict == "The decoder was stopped at the memory limit of 4 MiB."


def test_it_reaches_nothing_of_this_machine(run: Run, tmp_path: Path) -> None:
    """An original, and sockets that listen here: by path, by abstract name, by port."""
    original, name = tmp_path / "original.png", f"ratings-{os.getpid()}"
    original.write_text("truth")
    with (
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as by_path,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        abstract.bind(f"\0{name}")
        by_path.bind(f"/tmp/{name}")
        abstract.listen()
        by_path.listen()
        try:
            outcome = run(
                f"{PYTHON}for path in ('', '/proc/1/root', '/proc/1/cwd'):\n"
                f"    refused(open, path + '{original}')\n"
                f"refused(os.kill, {os.getpid()}, 0)\n"
                f"refused(socket.socket(socket.AF_UNIX).connect, '\\0{name}')\n"
                f"refused(socket.socket(socket.AF_UNIX).connect, '/tmp/{name}')\n"
                f"refused(socket.create_connection, ('127.0.0.1', {server.getsockname()[1]}))\n"
            )
        finally:
            Path(f"/tmp/{name}").unlink()
    assert outcome.succeeded, outcome
    assert [line[:7] for line in outcome.log.splitlines()] == [b"refused"] * 7
    assert b"BREACH" not in outcome.log


def test_two_runs_know_nothing_of_each_other(environment: Environment, tmp_path: Path) -> None:
    """The number of processes counts for each run alone, and no folder is shared."""
    sandbox = BubblewrapSandbox(environment, Watching())
    limits = replace(SMALL, processes=4)
    program = SHELL + "touch /tmp/hostile-a /dev/shm/hostile-a; echo up; sleep 1000 & wait"
    inner: list[Outcome] = []

    def look() -> bool:
        second = tmp_path / "second"
        second.mkdir()
        inner.append(run_plain(sandbox, second, SHELL + "ls /tmp /dev/shm | cat", limits=limits))
        return False

    run_plain(sandbox, tmp_path, program, limits=limits, keep_going=look)
    assert inner[0].succeeded, inner
    assert b"hostile" not in inner[0].log


def test_a_killed_worker_takes_its_programs_along(environment: Environment, tmp_path: Path) -> None:
    """Nobody is left to stop it, so the kernel must."""
    decoder = build_decoder(tmp_path / "decoder", SHELL + "echo started; exec sleep 1000")
    (tmp_path / "outputs").mkdir()
    code = f"""
from pathlib import Path
from ratings.sandbox.environments import Environment
from ratings.sandbox.running import BubblewrapSandbox
from tests.sandbox.builders import SMALL, Witness
from ratings.sandbox.running import best_meters
class Told(Witness):
    def meter(self, *arguments):
        meter = super().meter(*arguments)
        print(self.seen[0], flush=True)
        return meter
sandbox = BubblewrapSandbox(Environment(Path({str(environment.tree)!r})), Told(best_meters()))
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
        worker.send_signal(signal.SIGKILL)
    for descriptor in watched:
        with os.fdopen(descriptor):
            waited = subprocess.run(
                [sys.executable, "-c", f"import select; select.select([{descriptor}], [], [])"],
                pass_fds=[descriptor],
                timeout=60,
            )
            assert waited.returncode == 0
    alive = [pid for pid in processes() if pid_namespace(pid) == namespace]
    assert all("\nState:\tZ" in Path(f"/proc/{pid}/status").read_text() for pid in alive)


def processes() -> list[str]:
    return [path.name for path in Path("/proc").glob("[0-9]*")]


def pid_namespace(pid: str) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""


def test_without_bubblewrap_nothing_runs(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="install the package 'bubblewrap'"):
        run_plain(BubblewrapSandbox(environment), tmp_path, SHELL)


def test_what_bubblewrap_says_is_passed_on(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bubblewrap, "HARDENING", "--share-moon")
    with pytest.raises(SandboxUnavailable, match=r"share-moon.*docs/sandbox.md"):
        run_plain(BubblewrapSandbox(environment), tmp_path, SHELL)


def run_plain(sandbox: Sandbox, folder: Path, program: str, **options: object) -> Outcome:
    decoder, outputs = build_decoder(folder / "decoder", program), folder / "outputs"
    outputs.mkdir()
    limits = options.pop("limits", SMALL)
    return sandbox.run(decoder, {}, outputs, limits, **options)  # type: ignore[arg-type]
