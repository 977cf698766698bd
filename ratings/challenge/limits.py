"""The limits within which a phase's decoders run, as its definition sets them."""

from collections.abc import Mapping

from ratings.challenge.tables import Table
from ratings.sandbox.limits import GIB, MIB, Limits

# Shorter than the day after which what a killed worker left on disk is swept away.
LONGEST_WALL_SECONDS = 20 * 3600
# Each key of a phase's `limits`: the least and the most that can be meant, and what it is if left
# out. Wall time is a precaution against sleeping: a multiple of CPU time, unless it is set.
RANGES: Mapping[str, tuple[int, int]] = {
    "cpu_seconds": (1, 30 * 24 * 3600),
    "wall_seconds": (1, LONGEST_WALL_SECONDS),
    "memory_bytes": (64 * MIB, 1024 * GIB),
    "processes": (1, 32_768),
    "work_bytes": (MIB, 1024 * GIB),
}
DEFAULTS: Mapping[str, int] = {
    "cpu_seconds": 3600,
    "memory_bytes": 8 * GIB,
    "processes": 256,
    "work_bytes": 4 * GIB,
}
WALL_TO_CPU = 4


def read_limits(table: Table) -> dict[str, int]:
    """Return the limits that a definition sets; what it leaves out is left out here too."""
    limits = {
        key: table.whole(key, least=least, most=most, default=least)
        for key, (least, most) in RANGES.items()
    }
    table.refuse_unknown()
    return {key: limits[key] for key in limits if key in table.raw}


def effective_limits(given: Mapping[str, int]) -> dict[str, int]:
    """Return every limit by its key, from those that a phase sets."""
    limits = {**DEFAULTS, **given}
    longest = min(WALL_TO_CPU * limits["cpu_seconds"], LONGEST_WALL_SECONDS)
    limits.setdefault("wall_seconds", longest)
    return limits


def decoder_limits(given: Mapping[str, int]) -> Limits:
    """Return the limits of one run from those that a phase sets."""
    return Limits(**effective_limits(given))
