# SPDX-License-Identifier: Apache-2.0
"""The processor of a run: what its results may depend on, and how many of its cores are seen."""

import math
import os
import platform
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
# The levels of x86-64's psABI, by what /proc/cpuinfo calls the features that each adds. Libraries
# choose their kernels by them, and floats may differ in the last bit from one to the next.
LEVELS = (
    ("x86-64-v2", "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"),
    ("x86-64-v3", "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave"),
    ("x86-64-v4", "avx512f avx512bw avx512cd avx512dq avx512vl"),
)
# Features beyond the levels, for which kernels differ as well; the second row is arm64's.
BEYOND = (
    *("avx_vnni", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile"),
    *("asimddp", "asimdhp", "bf16", "i8mm", "sve", "sve2", "sme"),
)
CLAIM = "\0ratings-decoder-core-{core}"  # a name that only one process of a machine can have


def processor_model() -> str:
    """Return the processor's name: where floats decide, a result may depend on it."""
    return _line(_cpuinfo(), "model name") or platform.machine()


def arithmetic(cpuinfo: str | None = None) -> str:
    """Return by what libraries choose their kernels: "x86-64-v3 avx_vnni", of this machine's."""
    text = _cpuinfo() if cpuinfo is None else cpuinfo
    features = set((_line(text, "flags") or _line(text, "Features")).split())
    reached = platform.machine()
    for level, needed in LEVELS:
        if not features.issuperset(needed.split()):
            break
        reached = level
    return " ".join([reached, *(name for name in BEYOND if name in features)])


@contextmanager
def kept_to(process: int, cores: float) -> Iterator[str]:
    """Let a process, and what it starts, see no more cores than its quota; yield words of it.

    While it lasts, other runs of this machine get other cores. Where too few are left the process
    sees all, and its quota alone holds it.
    """
    there, wanted = sorted(os.sched_getaffinity(0)), math.ceil(cores)
    with ExitStack() as claims:
        seen = _claimed(there, wanted, claims) if wanted < len(there) else there
        try:
            os.sched_setaffinity(process, seen)
        except OSError:  # it has just ended, or may not be moved
            seen = there
        yield f"{len(seen)} seen, {cores:g} to use"


def _claimed(there: Sequence[int], wanted: int, claims: ExitStack) -> Sequence[int]:
    """Return cores that no other run has, until `claims` are closed; all where they are too few."""
    free: list[int] = []
    with ExitStack() as held:
        for core in there:
            claim = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            with suppress(OSError):
                claim.bind(CLAIM.format(core=core))
                free.append(core)
            if len(free) == wanted:
                claims.enter_context(held.pop_all())
                return free
    return there


def _cpuinfo() -> str:
    try:
        return CPUINFO.read_text()
    except OSError:
        return ""


def _line(text: str, name: str) -> str:
    lines = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), "")
