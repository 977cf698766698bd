# SPDX-License-Identifier: Apache-2.0
"""What a program may use up."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Self

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
# Of paths within a decoder or among its outputs.
DEEPEST = 16  # folders
LONGEST_PATH_BYTES = 1024


class Limit(StrEnum):
    """The limits that a run can come up against."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    PROCESSES = "processes"
    WORK = "work"
    SCRATCH = "scratch"
    FILES = "files"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of one run; what fits exactly is within them.

    CPU time counts all processes together and is the main limit; wall time is a far higher
    precaution. Memory counts all processes together, and what lies in the working folder, /tmp and
    /dev/shm, the program's own files included. Threads are processes here.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int = 256
    cores: float = 1.0
    work_bytes: int = GIB  # beyond the files it starts with
    scratch_bytes: int = 256 * MIB  # /tmp and /dev/shm, each
    files: int = 20_000  # in all three together, beyond those it starts with
    log_bytes: int = MIB
    output_files: int = 10_000
    output_bytes: int = 256 * MIB  # of one file

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Return the limits of a run on record; what this version knows no more is ignored."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in record.items() if key in known})

    def words(self, limit: Limit) -> str:
        """Return "the memory limit of 8 GiB"."""
        return f"the {_NAMES[limit]} of {self._amount(limit)}"

    def _amount(self, limit: Limit) -> str:
        match limit:
            case Limit.CPU:
                return f"{self.cpu_seconds:g} s"
            case Limit.WALL:
                return f"{self.wall_seconds:g} s"
            case Limit.MEMORY:
                return size_words(self.memory_bytes)
            case Limit.PROCESSES:
                return f"{self.processes} processes and threads"
            case Limit.WORK:
                return size_words(self.work_bytes)
            case Limit.SCRATCH:
                return size_words(self.scratch_bytes)
            case Limit.FILES:
                return f"{self.files} files"


_NAMES = {
    Limit.CPU: "CPU time limit",
    Limit.WALL: "wall time limit",
    Limit.MEMORY: "memory limit",
    Limit.PROCESSES: "limit",
    Limit.WORK: "working folder's limit",
    Limit.SCRATCH: "limit for /tmp and for /dev/shm",
    Limit.FILES: "limit",
}


def size_words(size: int) -> str:
    """Return a number of bytes in the largest binary unit that it reaches: "8 GiB", "1.5 MiB"."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"
