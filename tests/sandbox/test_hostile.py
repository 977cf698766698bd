"""Every hostile decoder is contained, and nothing is left of it."""

from dataclasses import replace

import pytest

from ratings.sandbox.limits import Limit, Limits
from ratings.sandbox.outcome import Outcome
from tests.sandbox.builders import SMALL
from tests.sandbox.conftest import Run
from tests.sandbox.hostile import HOSTILE, MEMORY, PROCESSES, PYTHON, ROOM, TIME, Hostile

SLACK_BYTES = 64 << 20  # what watching notices late


def contained(hostile: Hostile, outcome: Outcome) -> None:
    """Check that a hostile program got nothing, and that the verdict says so."""
    assert b"BREACH" not in outcome.log, outcome
    if "refused" in hostile.program.removeprefix(PYTHON) and not hostile.limits:
        assert b"refused" in outcome.log or outcome.ending.signal, outcome
    assert outcome.outputs == {} or "more than" in hostile.left_out
    assert hostile.left_out in " ".join(outcome.left_out) or not hostile.left_out
    assert bool(outcome.left_out) == bool(hostile.left_out), outcome.left_out
    assert len(outcome.log) <= SMALL.log_bytes + 100


def judged(hostile: Hostile, outcome: Outcome) -> None:
    assert hostile.verdict in outcome.verdict, outcome
    assert outcome.ending.limit in (hostile.limits or (None,)), outcome


def limits_of(hostile: Hostile) -> Limits:
    return replace(SMALL, wall_seconds=hostile.wall_seconds)


def test_there_are_many() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_contained(name: str, run: Run) -> None:
    hostile = HOSTILE[name]
    outcome = run(hostile.program, limits=limits_of(hostile), inputs={"given": b"x"})
    contained(hostile, outcome)
    judged(hostile, outcome)
    assert outcome.ending.cpu_seconds < 3 * SMALL.cpu_seconds + 1


@pytest.mark.parametrize("name", MEMORY | ROOM | PROCESSES | TIME)
def test_it_is_contained_without_control_groups(name: str, run: Run) -> None:
    hostile = HOSTILE[name]
    given = {"given": b"x"}
    outcome = run(hostile.program, limits=limits_of(hostile), inputs=given, watching=True)
    contained(hostile, outcome)
    if Limit.PROCESSES not in hostile.limits:  # such a program may end before it is looked at
        judged(hostile, outcome)
    assert outcome.ending.peak_memory_bytes <= SMALL.memory_bytes + SLACK_BYTES
