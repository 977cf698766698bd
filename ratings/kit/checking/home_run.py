# SPDX-License-Identifier: Apache-2.0
"""Running a decoder as the server does, as far as a machine at home can.

It is contained where that can be done. Its processes are watched in /proc, and stopped all together
at a limit. kit.md says what the server does more.
"""

import math
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ratings.kit.checking.home_containment import variables
from ratings.kit.checking.home_processes import family, first_child, owned_bytes, process_stat
from ratings.sandbox.results.collecting import collect
from ratings.sandbox.results.diagnosis import LOOK_BEHIND
from ratings.sandbox.results.logs import BoundedLog
from ratings.sandbox.results.run_result import RunResult, Termination
from ratings.sandbox.run_limits import GIB, MIB, Limit, Limits

WORK_BYTES = 4 * GIB  # of all outputs together, where the phase sets nothing else
# It is a shell's child, so that what can't be started ends as on the server.
LAUNCHER = ("/bin/sh", "-c", "./decode </dev/null; " + LOOK_BEHIND)
POLL_SECONDS, PIPE_BYTES = 0.02, 1 << 16

Sink = Callable[[bytes], object]


def run(
    work: Path,
    outputs: Path,
    limits: Limits,
    bubble: Sequence[str],
    *,
    log: Sink,
    tick: Callable[[float], object],
) -> RunResult:
    """Run `decode` in the folder `work`, behind the words of `containment` or none.

    What it makes is collected into the empty folder `outputs`. `log` is called with what the
    program prints; `tick`, many times a second, with the seconds it has run. Returns when all that
    was started is dead, as far as that can be known uncontained. A peak of 0 was not measured.
    """
    before = {path.relative_to(work).as_posix() for path in work.rglob("*")}
    folder = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    bounded = BoundedLog(limits.log_bytes, log)
    try:
        termination = _follow(_start(work, limits, bubble), limits, bounded, tick, bool(bubble))
        collected = collect(folder, outputs, limits, before=before)
    finally:
        os.close(folder)
    return RunResult(termination, limits, bounded.finish(), collected.outputs, collected)


def _start(work: Path, limits: Limits, bubble: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*bubble, *_process_limits(limits, contained=bool(bubble)), *LAUNCHER],
        cwd=work,
        env=variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _follow(
    process: "subprocess.Popen[bytes]",
    limits: Limits,
    log: BoundedLog,
    tick: Callable[[float], object],
    contained: bool,
) -> Termination:
    watched = _Watched(process, limits, contained)
    try:
        watched.follow(log, tick)
    finally:
        watched.end()
        _read_rest(process, log)
    return watched.termination()


def _process_limits(limits: Limits, *, contained: bool) -> list[str]:
    """Return the words that limit each process; outside, your own processes would count too."""
    if not shutil.which("prlimit"):
        return []
    words = ["prlimit", "--core=0", "--nofile=1024", f"--fsize={limits.work_bytes + MIB}"]
    words += [f"--cpu={math.ceil(limits.cpu_seconds) + 1}", f"--as={limits.memory_bytes + GIB}"]
    return [*words, *([f"--nproc={limits.processes + 1}"] if contained else []), "--"]


@dataclass
class _Watched:
    """A running decoder with all its processes: what they use, and what they came up against."""

    process: "subprocess.Popen[bytes]"
    limits: Limits
    contained: bool
    began: float = field(default_factory=time.monotonic)
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int = 0
    stopped_at: Limit | None = None
    refused_by: Limit | None = None

    def follow(self, log: BoundedLog, tick: Callable[[float], object]) -> None:
        """Read the log and look at the use, until the program has ended or must be stopped."""
        due = self.began
        while not (self.stopped_at or self._reap()):
            if not _read(self.process, log, POLL_SECONDS):
                time.sleep(POLL_SECONDS)  # it has closed its output
            if time.monotonic() >= due:
                self._look()
                tick(self.wall_seconds)
                due = time.monotonic() + POLL_SECONDS

    def end(self) -> None:
        """Kill what is left, and wait for it."""
        while not self._reap():
            self._kill()
            time.sleep(POLL_SECONDS / 10)
        if not self.contained:
            self._kill()
        if not self.stopped_at and self.cpu_seconds > self.limits.cpu_seconds:
            self.stopped_at = Limit.CPU

    def termination(self) -> Termination:
        """Return how it ended, after the end."""
        code = self.process.returncode
        return Termination(
            code if code >= 0 else 128 - code,
            self.stopped_at or self.refused_by,
            self.stopped_at is not None,
            self.wall_seconds,
            self.cpu_seconds,
            self.peak_memory_bytes,
        )

    def _reap(self) -> bool:
        """Tell whether the first process has ended; note what all it waited for have used."""
        if self.process.returncode is None:
            pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
            self.wall_seconds = time.monotonic() - self.began
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu_seconds = max(self.cpu_seconds, used.ru_utime + used.ru_stime)
        return self.process.returncode is not None

    def _kill(self) -> None:
        """Kill the group; inside, process 1, and by the kernel all that are in there with it."""
        with suppress(ProcessLookupError):
            if not self.contained:
                os.killpg(self.process.pid, signal.SIGKILL)
            elif child := first_child(self.process.pid):
                os.kill(child, signal.SIGKILL)
            else:
                self.process.kill()

    def _look(self) -> None:
        limits, stats = (
            self.limits,
            [s for pid in family(self.process.pid) if (s := process_stat(pid))],
        )
        if self.wall_seconds > limits.wall_seconds:
            self.stopped_at = Limit.WALL
        if not stats:
            return
        resident = sum(stat.resident_bytes for stat in stats)
        if resident > limits.memory_bytes:
            resident = sum(owned_bytes(stat) for stat in stats)
        self.peak_memory_bytes = max(self.peak_memory_bytes, resident)
        self.cpu_seconds = max(self.cpu_seconds, sum(stat.cpu_seconds for stat in stats))
        # Not the shell, nor bubblewrap.
        if sum(stat.threads for stat in stats) - 1 - self.contained >= limits.processes:
            self.refused_by = Limit.PROCESSES
        if self.peak_memory_bytes > limits.memory_bytes:
            self.stopped_at = Limit.MEMORY
        elif self.cpu_seconds > limits.cpu_seconds:
            self.stopped_at = Limit.CPU


def _read(process: "subprocess.Popen[bytes]", log: BoundedLog, seconds: float) -> bool:
    """Read what comes within so many seconds; tell whether more may follow."""
    assert process.stdout
    if not select.select([process.stdout], [], [], seconds)[0]:
        return True
    data = os.read(process.stdout.fileno(), PIPE_BYTES)
    log.write(data)
    return bool(data)


def _read_rest(process: "subprocess.Popen[bytes]", log: BoundedLog) -> None:
    """Read what the dead have left in their pipe; never wait for more."""
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), False)
    with suppress(BlockingIOError):
        while _read(process, log, 0) and select.select([process.stdout], [], [], 0)[0]:
            pass
    process.stdout.close()
