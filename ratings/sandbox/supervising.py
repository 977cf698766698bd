# SPDX-License-Identifier: Apache-2.0
"""Watching over a running program until all of it is dead."""

import os
import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from ratings.sandbox.containment.bubblewrap import Bubble
from ratings.sandbox.metering.meters import Inside, Meter, Usage, stored_files
from ratings.sandbox.results.logs import BoundedLog
from ratings.sandbox.results.run_result import Termination
from ratings.sandbox.run_limits import Limit, Limits

PIPE_BYTES = 1 << 16


@dataclass
class _Judge:
    """Compares use with limits, and remembers what the program came up against."""

    limits: Limits
    inside: Inside
    files_before: int
    excess: Limit | None = None  # at which it must be stopped
    met: Limit | None = None  # that only refused it something
    unwanted: bool = False

    @property
    def must_stop(self) -> bool:
        return self.excess is not None or self.unwanted

    def look(self, usage: Usage, wall_seconds: float) -> None:
        limits, files = self.limits, files_in(self.inside) - self.files_before
        excesses = {
            Limit.MEMORY: usage.out_of_memory,
            Limit.CPU: usage.cpu_seconds > limits.cpu_seconds,
            Limit.FILES: files > limits.files,
            Limit.WALL: wall_seconds > limits.wall_seconds,
        }
        refusals = {
            Limit.PROCESSES: usage.out_of_processes,
            Limit.WORK: is_full(self.inside.work),
            Limit.SCRATCH: any(map(is_full, self.inside.scratch)),
        }
        self.excess = self.excess or _first(excesses)
        self.met = self.met or _first(refusals)


def supervise(
    bubble: Bubble,
    meter: Meter,
    limits: Limits,
    log: BoundedLog,
    keep_going: Callable[[], bool],
) -> Termination:
    """Follow a program that has started; return when every process of it is dead and reaped.

    `keep_going` is asked many times a second; when it says no, the program is stopped.
    """
    began = time.monotonic()
    judge = _Judge(limits, bubble.inside, files_in(bubble.inside))
    try:
        _follow(bubble, meter, judge, log, keep_going)
    finally:
        bubble.kill()
        _read_until_ended(bubble, log)
        status, reaped_cpu_seconds = bubble.wait()
    wall_seconds = time.monotonic() - began
    _read_rest(bubble.log.fileno(), log)
    usage = meter.usage()
    cpu_seconds = max(usage.cpu_seconds, reaped_cpu_seconds)
    judge.look(replace(usage, cpu_seconds=cpu_seconds), 0)
    limit = judge.excess or judge.met
    return Termination(
        status, limit, judge.must_stop, wall_seconds, cpu_seconds, usage.peak_memory_bytes
    )


def _follow(
    bubble: Bubble, meter: Meter, judge: _Judge, log: BoundedLog, keep_going: Callable[[], bool]
) -> None:
    """Read the log and look at the use, until the program has ended or must be stopped."""
    began = due = time.monotonic()
    with _pidfd(bubble.monitor.pid) as ended:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(bubble.log, select.POLLIN)
        while not judge.must_stop:
            ready = dict(poll.poll(1000 * max(0.0, due - time.monotonic())))
            if bubble.log.fileno() in ready and not _read_on(bubble, log):
                poll.unregister(bubble.log)
            if ended in ready:
                break
            now = time.monotonic()
            if now >= due:
                due = now + meter.poll_seconds
                judge.look(meter.usage(), now - began)
                judge.unwanted = not keep_going()


def _read_until_ended(bubble: Bubble, log: BoundedLog) -> None:
    """Read on while what was killed ends: podman's client ends when its log was taken."""
    with _pidfd(bubble.monitor.pid) as ended:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(bubble.log, select.POLLIN)
        while ended not in (ready := dict(poll.poll())):
            if bubble.log.fileno() in ready and not _read_on(bubble, log):
                poll.unregister(bubble.log)


def _read_on(bubble: Bubble, log: BoundedLog) -> bool:
    """Pass on what the log has; tell whether there may be more."""
    data = os.read(bubble.log.fileno(), PIPE_BYTES)
    log.write(data)
    return bool(data)


def _read_rest(pipe: int, log: BoundedLog) -> None:
    """Read what the dead have left in their pipe; never wait for more."""
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while data := os.read(pipe, PIPE_BYTES):
            log.write(data)


@contextmanager
def _pidfd(pid: int) -> Iterator[int]:
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _first(limits: Mapping[Limit, bool]) -> Limit | None:
    return next((limit for limit, reached in limits.items() if reached), None)


def files_in(inside: Inside) -> int:
    """Return the number of files in all folders that the program may write to."""
    return sum(map(stored_files, inside.folders))


def is_full(folder: int) -> bool:
    """Tell whether not one page more fits on the file system of an open folder."""
    return os.fstatvfs(folder).f_bfree == 0
