"""Turns: one at a time, and a rest after each."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from ratings.database.pace import Pace


def test_one_has_the_turn_at_a_time_and_each_rest_is_as_long_as_the_turn_before() -> None:
    pace, inside = Pace(), threading.Lock()
    turns: list[tuple[float, float]] = []

    def read() -> None:
        with pace.turn():
            assert inside.acquire(blocking=False)
            begun = time.monotonic()
            sum(range(200_000))
            turns.append((begun, time.monotonic()))
            inside.release()

    with ThreadPoolExecutor(3) as threads:
        for one in [threads.submit(read) for _ in range(6)]:
            one.result()
    for (begun, ended), (next_begun, _) in pairwise(turns):
        assert next_begun - ended >= ended - begun


def test_a_turn_ends_with_a_fault_too() -> None:
    pace = Pace()
    for _ in range(2):
        with pytest.raises(ValueError, match="cut"), pace.turn():
            raise ValueError("cut")
