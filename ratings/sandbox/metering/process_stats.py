# SPDX-License-Identifier: Apache-2.0
"""What Linux tells of a process in /proc: CPU time, threads, memory (proc(5))."""

import os
from dataclasses import dataclass
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGESIZE")
PARTS = ("Pss_Anon", "Pss_Shmem", "SwapPss")


@dataclass(frozen=True)
class ProcessStat:
    """A line of /proc/PID/stat: own and inherited CPU time, threads, resident memory."""

    pid: str
    cpu_seconds: float
    threads: int
    resident_bytes: int

    @classmethod
    def parse(cls, pid: str, text: str) -> Self:
        """Return the values of one line."""
        fields = text[text.rindex(")") + 2 :].split()  # from the third field on
        ticks = sum(map(int, fields[11:15]))
        return cls(pid, ticks / TICKS, int(fields[17]), int(fields[21]) * PAGE_BYTES)


def shared_out_bytes(smaps_rollup: str) -> int:
    """Return anonymous and shared memory, each page divided by how many processes map it."""
    lines = (line for line in smaps_rollup.splitlines() if line.startswith(PARTS))
    return sum(int(line.split()[1]) << 10 for line in lines)
