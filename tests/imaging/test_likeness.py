"""Pictures made twice: equal, close, or broken."""

import math

import numpy as np
import pytest

from ratings.imaging.likeness import LEAST_APART_DB, MOST_LEVELS, Outcome, likeness
from tests.builders import build_rgb

FIRST = build_rgb(width=40, height=30) // 2 + 64


def test_the_same_samples_are_equal() -> None:
    alike = likeness(FIRST, FIRST.copy())
    assert (alike.outcome, alike.levels, alike.apart_db) == (Outcome.EQUAL, 0, math.inf)


@pytest.mark.parametrize("moved", [1, -1, MOST_LEVELS, -MOST_LEVELS])
def test_a_sample_that_is_rounded_otherwise_is_close_and_one_beyond_is_not(moved: int) -> None:
    second = FIRST.copy()
    second[3, 4, 1] = int(FIRST[3, 4, 1]) + moved
    alike = likeness(FIRST, second)
    assert (alike.outcome, alike.levels) == (Outcome.CLOSE, abs(moved))
    second[3, 4, 1] = int(FIRST[3, 4, 1]) + moved + int(np.sign(moved)) * MOST_LEVELS
    assert likeness(FIRST, second).outcome == Outcome.BROKEN


def test_a_shift_of_all_samples_is_broken_though_each_is_small() -> None:
    alike = likeness(FIRST, FIRST + np.uint8(2))
    assert alike.levels == 2 and alike.apart_db < LEAST_APART_DB
    assert alike.outcome == Outcome.BROKEN


def test_pictures_of_other_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="can't be compared"):
        likeness(FIRST, FIRST[:-1])
