# SPDX-License-Identifier: Apache-2.0
"""What a run uses, measured while it runs: the interface, and the way without control groups."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ratings.sandbox.metering.process_stats import ProcessStat, shared_out_bytes
from ratings.sandbox.run_limits import Limits


@dataclass(frozen=True)
class Usage:
    """Use up to now: CPU seconds and bytes of all processes together, and limits reached."""

    cpu_seconds: float
    peak_memory_bytes: int
    out_of_memory: bool
    out_of_processes: bool


@dataclass(frozen=True)
class Inside:
    """Descriptors of a running program's own /proc, and of the folders that it may fill."""

    proc: int
    work: int
    scratch: tuple[int, ...]

    @property
    def folders(self) -> tuple[int, ...]:
        """Those that have a size of their own."""
        return (self.work, *self.scratch)

    def processes(self) -> list[str]:
        """Return the processes in its namespace, by number as seen inside."""
        try:
            with os.scandir(self.proc) as entries:
                return [entry.name for entry in entries if entry.name.isdigit()]
        except OSError:  # the namespace is gone
            return []

    def close(self) -> None:
        """Give back the descriptors."""
        for descriptor in (self.proc, self.work, *self.scratch):
            os.close(descriptor)


class Meter(Protocol):
    """Measures one run, and holds it to its memory and number of processes."""

    poll_seconds: float  # how often it has to be asked

    def usage(self) -> Usage:
        """Return the use up to now; called once more when all is dead."""

    def close(self) -> None:
        """Give back what the meter holds, after all is dead."""


class Meters(Protocol):
    """A way of measuring that this machine offers."""

    name: str
    limits_each_process: bool  # because it notices the sum late

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> Meter:
        """Begin to measure a program that waits for its files; `first_process` is its pid here."""


class Watching:
    """Summing up /proc again and again: no control group needed, but it notices late.

    Memory is the anonymous and shared memory that processes have mapped, shared pages divided among
    those who share them, and what lies in the folders. Short-lived processes that nobody waits for
    escape the CPU sum; wall time is what holds them.
    """

    name = "watching /proc"
    limits_each_process = True

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> "WatchingMeter":
        return WatchingMeter(limits, inside)


class WatchingMeter:
    """Measures one run by looking at the /proc of its own process namespace."""

    poll_seconds = 0.01

    def __init__(self, limits: Limits, inside: Inside) -> None:
        self._limits = limits
        self._inside = inside
        self._cpu_seconds = 0.0
        self._peak = 0
        self._crowded = False

    def usage(self) -> Usage:
        stats = [stat for pid in self._inside.processes() if (stat := self._stat(pid))]
        self._cpu_seconds = max(self._cpu_seconds, sum(s.cpu_seconds for s in stats))
        self._peak = max(self._peak, self._memory(stats))
        # The first process is our own launcher.
        threads = sum(stat.threads for stat in stats) - 1
        self._crowded = self._crowded or threads >= self._limits.processes
        too_much = self._peak > self._limits.memory_bytes
        return Usage(self._cpu_seconds, self._peak, too_much, self._crowded)

    def close(self) -> None:
        pass

    def _stat(self, pid: str) -> ProcessStat | None:
        text = self._read(f"{pid}/stat")
        return ProcessStat.parse(pid, text) if text else None

    def _memory(self, stats: Sequence[ProcessStat]) -> int:
        """Return the sum of all; exact sharing costs time and is asked for only near the limit."""
        stored = sum(map(stored_bytes, self._inside.folders))
        upper = stored + sum(stat.resident_bytes for stat in stats)
        if upper <= self._limits.memory_bytes:
            return upper
        return stored + sum(
            shared_out_bytes(self._read(f"{stat.pid}/smaps_rollup")) for stat in stats
        )

    def _read(self, path: str) -> str:
        try:
            with open(path, opener=self._open) as file:
                return file.read()
        except OSError:  # the process has just ended
            return ""

    def _open(self, path: str, flags: int) -> int:
        return os.open(path, flags, dir_fd=self._inside.proc)


def stored_bytes(folder: int) -> int:
    """Return the bytes in use on the file system of an open folder."""
    known = os.fstatvfs(folder)
    return (known.f_blocks - known.f_bfree) * known.f_frsize


def stored_files(folder: int) -> int:
    """Return the files, folders and links in use on the file system of an open folder."""
    known = os.fstatvfs(folder)
    return known.f_files - known.f_ffree
