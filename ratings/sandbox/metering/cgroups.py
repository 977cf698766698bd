# SPDX-License-Identifier: Apache-2.0
"""Control groups: the kernel itself counts and limits a run.

Version 2 (Linux, Documentation/admin-guide/cgroup-v2.rst) where it holds the controllers and a
parent group is ours to divide, version 1 (cgroup-v1/) where root finds it mounted.
"""

import contextlib
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from ratings.sandbox.metering.meters import Inside, Usage
from ratings.sandbox.run_limits import Limits

ROOT = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
PREFIX = "decoder"
PERIOD_US = 100_000
LAUNCHER = 1  # the first process is our own
_numbers = itertools.count()


@dataclass(frozen=True)
class GroupsV2:
    """Groups below `parent`, which holds no process itself and hands its controllers down."""

    parent: Path
    name = "cgroup v2"
    limits_each_process = False

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> "MeterV2":
        group = _new_group(self.parent)
        _write(group / "memory.max", limits.memory_bytes)
        _write(group / "memory.oom.group", 1)
        _write(group / "pids.max", limits.processes + LAUNCHER)
        _write(group / "cpu.max", f"{round(limits.cores * PERIOD_US)} {PERIOD_US}")
        if (group / "memory.swap.max").exists():
            _write(group / "memory.swap.max", 0)
        _write(group / "cgroup.procs", first_process)
        return MeterV2(group)


@dataclass(frozen=True)
class MeterV2:
    """Reads one group of version 2."""

    group: Path
    poll_seconds = 0.05

    def usage(self) -> Usage:
        peak = self.group / "memory.peak"  # from Linux 5.19 on
        memory = peak if peak.exists() else self.group / "memory.current"
        return Usage(
            _table(self.group / "cpu.stat")["usage_usec"] / 1e6,
            int(memory.read_text()),
            _table(self.group / "memory.events").get("oom_kill", 0) > 0,
            _table(self.group / "pids.events")["max"] > 0,
        )

    def close(self) -> None:
        self.group.rmdir()


@dataclass(frozen=True)
class GroupsV1:
    """One group for each controller, below the groups this process is in."""

    memory: Path
    pids: Path
    cpu: Path
    cpuacct: Path
    name = "cgroup v1"
    limits_each_process = False

    def meter(self, limits: Limits, first_process: int, inside: Inside) -> "MeterV1":
        memory, pids, cpu = map(_new_group, (self.memory, self.pids, self.cpu))
        cpuacct = cpu if self.cpuacct == self.cpu else _new_group(self.cpuacct)
        _write(memory / "memory.limit_in_bytes", limits.memory_bytes)
        if (memory / "memory.memsw.limit_in_bytes").exists():
            _write(memory / "memory.memsw.limit_in_bytes", limits.memory_bytes)
        _write(pids / "pids.max", limits.processes + LAUNCHER)
        _write(cpu / "cpu.cfs_period_us", PERIOD_US)
        _write(cpu / "cpu.cfs_quota_us", round(limits.cores * PERIOD_US))
        for group in (memory, pids, cpu, cpuacct):
            _write(group / "cgroup.procs", first_process)
        return MeterV1(memory, pids, cpu, cpuacct)


@dataclass(frozen=True)
class MeterV1:
    """Reads the groups of version 1."""

    memory: Path
    pids: Path
    cpu: Path
    cpuacct: Path
    poll_seconds = 0.05

    def usage(self) -> Usage:
        return Usage(
            int((self.cpuacct / "cpuacct.usage").read_text()) / 1e9,
            int((self.memory / "memory.max_usage_in_bytes").read_text()),
            _table(self.memory / "memory.oom_control").get("oom_kill", 0) > 0,
            _table(self.pids / "pids.events").get("max", 0) > 0,
        )

    def close(self) -> None:
        for group in {self.memory, self.pids, self.cpu, self.cpuacct}:
            group.rmdir()


def find_groups() -> GroupsV2 | GroupsV1 | None:
    """Return the groups that this process may divide, or None."""
    own = _own_groups()
    groups = _find_v2(own.get("")) or _find_v1(own)
    if groups:
        _sweep(groups)
    return groups


def _own_groups() -> dict[str, Path]:
    """Return the folder of this process's group, by controller; "" is version 2."""
    own: dict[str, Path] = {}
    for line in OWN_GROUPS.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            own[controller] = ROOT / controllers / path.lstrip("/")
    if "" in own and not (own[""] / "cgroup.procs").exists():
        own[""] = ROOT / "unified" / own[""].relative_to(ROOT)
    return own


def _find_v2(own: Path | None) -> GroupsV2 | None:
    """Take the group above ours, or ours, whichever lets its controllers be handed down."""
    for parent in [own.parent, own] if own else []:
        with contextlib.suppress(OSError):
            _write(parent / "cgroup.subtree_control", "+memory +pids +cpu")
            return GroupsV2(parent)
    return None


def _find_v1(own: dict[str, Path]) -> GroupsV1 | None:
    folders = [own.get(controller) for controller in ("memory", "pids", "cpu", "cpuacct")]
    usable = [folder for folder in folders if folder and os.access(folder, os.W_OK)]
    return GroupsV1(*usable) if len(usable) == len(folders) else None


def _sweep(groups: GroupsV2 | GroupsV1) -> None:
    """Remove the groups that killed workers left; theirs are empty, their pid is in the name."""
    for parent in vars(groups).values():
        for group in parent.glob(f"{PREFIX}-*-*"):
            if not Path("/proc", group.name.split("-")[1]).exists():
                with contextlib.suppress(OSError):
                    group.rmdir()


def _new_group(parent: Path) -> Path:
    group = parent / f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
    group.mkdir()
    return group


def _write(file: Path, value: int | str) -> None:
    descriptor = os.open(file, os.O_WRONLY)  # never creates: not all of ROOT is a group
    try:
        os.write(descriptor, str(value).encode())
    finally:
        os.close(descriptor)


def _table(file: Path) -> dict[str, int]:
    """Parse lines of a key and a number."""
    pairs = (line.split() for line in file.read_text().splitlines())
    return {key: int(value) for key, value in pairs}
