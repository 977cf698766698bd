"""The limits within which a phase's decoders run, as its definition sets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from ratings.challenge.keys.checks import whole
from ratings.sandbox.run_limits import GIB, MIB, Limits

# Shorter than the day after which what a killed worker left on disk is swept away.
LONGEST_WALL_SECONDS = 20 * 3600


@dataclass(frozen=True)
class GivenLimits:
    """The `limits` of a phase, each None where its definition leaves it out."""

    cpu_seconds: Annotated[int | None, whole(1, 30 * 24 * 3600)] = None
    wall_seconds: Annotated[int | None, whole(1, LONGEST_WALL_SECONDS)] = None
    memory_bytes: Annotated[int | None, whole(64 * MIB, 1024 * GIB)] = None
    processes: Annotated[int | None, whole(1, 32_768)] = None
    work_bytes: Annotated[int | None, whole(MIB, 1024 * GIB)] = None
    scratch_bytes: Annotated[int | None, whole(MIB, 1024 * GIB)] = None


# What a limit is if left out. Wall time is a precaution against sleeping: a multiple of CPU time,
# unless it is set.
DEFAULTS: Mapping[str, int] = {
    "cpu_seconds": 3600,
    "memory_bytes": 8 * GIB,
    "processes": 256,
    "work_bytes": 4 * GIB,
    "scratch_bytes": Limits.scratch_bytes,
}
WALL_TO_CPU = 4


def effective_limits(given: Mapping[str, int]) -> dict[str, int]:
    """Return every limit by its key, from those that a phase sets."""
    limits = {**DEFAULTS, **given}
    longest = min(WALL_TO_CPU * limits["cpu_seconds"], LONGEST_WALL_SECONDS)
    limits.setdefault("wall_seconds", longest)
    return limits


def decoder_limits(given: Mapping[str, int]) -> Limits:
    """Return the limits of one run from those that a phase sets."""
    return Limits(**effective_limits(given))
