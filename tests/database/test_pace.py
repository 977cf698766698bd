"""Turns: one at a time on a machine, and a rest after each."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from ratings.database.pace import REST, Pace

READ = """
import sys, time
from pathlib import Path
from ratings.database.pace import Pace
for _ in range(3):
    with Pace(Path(sys.argv[1])).turn():
        begun = time.time()
        sum(range(200_000))
        print(begun, time.time())
"""


def test_one_of_all_processes_has_the_turn_and_each_rest_is_longer_than_the_turn_before(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", READ, str(tmp_path / "new" / "pace")]
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(lambda _: subprocess.check_output(command, text=True), range(2)))
    turns = sorted(tuple(map(float, line.split())) for text in said for line in text.splitlines())
    assert len(turns) == 6
    for (begun, ended), (next_begun, _) in pairwise(turns):
        assert next_begun - ended >= REST * (ended - begun)


def test_threads_of_a_process_take_turns_too(tmp_path: Path) -> None:
    turns: list[tuple[float, float]] = []

    def read() -> None:
        with Pace(tmp_path / "pace").turn():
            begun = time.time()
            sum(range(200_000))
            turns.append((begun, time.time()))

    with ThreadPoolExecutor(3) as threads:
        for one in [threads.submit(read) for _ in range(4)]:
            one.result()
    for (begun, ended), (next_begun, _) in pairwise(turns):
        assert next_begun - ended >= REST * (ended - begun)


def test_a_turn_ends_with_a_fault_too(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="cut"), Pace(tmp_path / "pace").turn():
            raise ValueError("cut")


def test_a_step_of_the_clock_that_is_set_is_not_rested_for(tmp_path: Path) -> None:
    """A machine that learns the time while it reads would rest for days."""
    before = time.monotonic()
    with Pace(tmp_path / "pace").turn():
        pass
    begun, ended = map(float, (tmp_path / "pace").read_text().split())
    assert before <= begun <= ended <= time.monotonic()


@pytest.mark.parametrize("noted", ["", "12", "no numbers", "1e9 9e9"])
def test_what_is_noted_wrongly_keeps_nobody_waiting(tmp_path: Path, noted: str) -> None:
    (tmp_path / "pace").write_text(noted)
    begun = time.monotonic()
    with Pace(tmp_path / "pace").turn():
        assert time.monotonic() - begun < 1e3
