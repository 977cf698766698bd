# SPDX-License-Identifier: Apache-2.0
"""A process of this machine and all that it has started, looked up in /proc."""

from collections.abc import Iterator
from pathlib import Path

from ratings.sandbox.metering.process_stats import ProcessStat, shared_out_bytes

PROC = Path("/proc")


def process_stat(pid: int) -> ProcessStat | None:
    """Return what a process uses, None where it has just ended."""
    text = _text(f"{pid}/stat")
    return ProcessStat.parse(str(pid), text) if text else None


def owned_bytes(stat: ProcessStat) -> int:
    """Return a process's memory with shared pages divided; all of it where that is not told."""
    return shared_out_bytes(_text(f"{stat.pid}/smaps_rollup")) or stat.resident_bytes


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield pid
    for child in _children(pid):
        yield from family(child)


def first_child(pid: int) -> int | None:
    """Return the first process that another has started, None where there is none."""
    return next(iter(_children(pid)), None)


def _children(pid: int) -> list[int]:
    try:
        threads = [thread.name for thread in (PROC / str(pid) / "task").iterdir()]
    except OSError:  # it has just ended
        return []
    return [int(c) for t in threads for c in _text(f"{pid}/task/{t}/children").split()]


def _text(path: str) -> str:
    try:
        return (PROC / path).read_text()
    except OSError:  # it has just ended
        return ""
