"""Every hostile decoder is contained, and nothing is left of it."""

import os

import pytest

from ratings.sandbox.run_limits import Limit
from tests.sandbox.builders import SMALL
from tests.sandbox.conftest import Run
from tests.sandbox.hostile_decoders import BUBBLEWRAP, CONTAINER, FOLDER, HOSTILE

SLACK_BYTES = 64 << 20  # what watching notices late
WATCHED = ("memory", "room", "processes", "time")  # groups, run without control groups too


def test_each_is_whole() -> None:
    """A folder that were not read would be a test that is not run."""
    assert len(HOSTILE) >= 125
    files = {path for path in FOLDER.rglob("*") if path.is_file() and path.parent != FOLDER}
    wanted = {FOLDER / name / file for name in HOSTILE for file in ("decode", "expected.toml")}
    assert {path for path in files if "__pycache__" not in path.parts} == wanted
    for name, hostile in HOSTILE.items():
        assert os.access(FOLDER / name / "decode", os.X_OK), name
        assert set() < set(hostile.lanes) <= {BUBBLEWRAP, CONTAINER}, name
    assert {hostile.group for hostile in HOSTILE.values()} > set(WATCHED)


@pytest.mark.parametrize("lane", ["run", "run_with_torch"])
@pytest.mark.parametrize("name", [name for name in HOSTILE if BUBBLEWRAP in HOSTILE[name].lanes])
def test_it_is_contained(name: str, lane: str, request: pytest.FixtureRequest) -> None:
    hostile, run = HOSTILE[name], request.getfixturevalue(lane)
    result = hostile.run(run)
    hostile.check_contained(result)
    hostile.check_verdict(result)
    assert result.termination.cpu_seconds < 3 * SMALL.cpu_seconds + 1


@pytest.mark.parametrize("name", [name for name in HOSTILE if HOSTILE[name].group in WATCHED])
def test_it_is_contained_without_control_groups(name: str, run: Run) -> None:
    hostile = HOSTILE[name]
    result = hostile.run(run, watching=True)
    hostile.check_contained(result)
    if Limit.PROCESSES not in hostile.limits:  # such a program may end before it is looked at
        hostile.check_verdict(result)
    assert result.termination.peak_memory_bytes <= SMALL.memory_bytes + SLACK_BYTES
