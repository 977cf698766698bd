"""Every hostile decoder is contained, and nothing is left of it."""

from dataclasses import replace

import pytest

from tests.sandbox.builders import SMALL
from tests.sandbox.conftest import Run
from tests.sandbox.hostile import HOSTILE, MEMORY, PROCESSES, PYTHON, ROOM, TIME, Hostile

SLACK_BYTES = 64 << 20  # what watching notices late


def contained(hostile: Hostile, run: Run, *, watching: bool) -> int:
    """Check what came of a hostile program; return its peak memory."""
    limits = replace(SMALL, wall_seconds=hostile.wall_seconds)
    outcome = run(hostile.program, limits=limits, inputs={"given": b"x"}, watching=watching)
    assert b"BREACH" not in outcome.log, outcome
    assert hostile.verdict in outcome.verdict, outcome
    if hostile.limits:
        assert outcome.ending.limit in hostile.limits, outcome
    else:
        assert outcome.ending.limit is None, outcome
        if "refused" in hostile.program.removeprefix(PYTHON) and not outcome.ending.signal:
            assert b"refused" in outcome.log, outcome
    assert outcome.outputs == {} or "more than" in hostile.left_out
    assert hostile.left_out in " ".join(outcome.left_out) or not hostile.left_out
    assert bool(outcome.left_out) == bool(hostile.left_out), outcome.left_out
    assert len(outcome.log) <= limits.log_bytes + 100
    assert outcome.ending.cpu_seconds < 3 * limits.cpu_seconds + 1
    return outcome.ending.peak_memory_bytes


def test_there_are_many() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_contained(name: str, run: Run) -> None:
    contained(HOSTILE[name], run, watching=False)


@pytest.mark.parametrize("name", MEMORY | ROOM | PROCESSES | TIME)
def test_it_is_contained_without_control_groups(name: str, run: Run) -> None:
    peak = contained(HOSTILE[name], run, watching=True)
    assert peak <= SMALL.memory_bytes + SLACK_BYTES
