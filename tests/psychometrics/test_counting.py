"""Counting columns: any whole-number type, any length, nothing out of range."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.counts import counting
from ratings.psychometrics.counts.counting import count_keys, count_outcomes, row_keys

TRIALS = st.lists(st.tuples(*[st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)]))
TYPES = st.sampled_from(["i1", "u1", "<i2", "i4", "i8", "u8", ">i4"])


@given(TRIALS, TYPES)
def test_counts_are_those_of_a_plain_counter(trials: list[tuple[int, int, int]], kind: str) -> None:
    different = [trial for trial in trials if trial[0] != trial[1]]
    left, right, choice = np.array(different, kind).reshape(-1, 3).T
    counts = count_outcomes(left, right, choice, 5)
    plain = Counter((c, i, j) for i, j, c in different)
    assert {tuple(at): counts[tuple(at)] for at in np.argwhere(counts).tolist()} == plain
    won = counting.wins(counts)
    assert won.sum() == len(different)
    assert won[1, 3] == (plain[0, 1, 3] + plain[1, 3, 1] + (plain[2, 1, 3] + plain[2, 3, 1]) / 2)


def test_many_judgments_are_counted_in_pieces_as_one() -> None:
    rng = np.random.default_rng(5)
    left = rng.integers(0, 7, 300_001, np.int16)
    right = (left + rng.integers(1, 7, len(left))) % 7
    choice = rng.integers(0, 3, len(left), np.int8)
    keys = (choice.astype(int) * 7 + left) * 7 + right
    counts = count_outcomes(left, right, choice, 7)
    assert counts.ravel().tolist() == np.bincount(keys, minlength=3 * 49).tolist()
    assert row_keys([(choice, 3), (left, 7), (right, 7)]).tolist() == keys.tolist()


@pytest.mark.parametrize("limit", [50, 10**9])
def test_keys_are_counted_alike_in_few_cells_and_in_many(limit: int) -> None:
    values = np.random.default_rng(1).integers(0, 50, 1000)
    keys, times = count_keys([(values, limit)])
    assert dict(zip(keys.tolist(), times.tolist(), strict=True)) == Counter(values.tolist())


@pytest.mark.parametrize(
    ("left", "right", "choice", "message"),
    [
        ([0], [1], [3], "must be 0 to 2"),
        ([0], [2], [0], "must be 0 to 1"),
        ([-1], [1], [0], "must be 0 to 1"),
        ([0], [1.0], [0], "whole numbers, not float64"),
        ([True], [False], [0], "whole numbers, not bool"),
        ([0, 1], [1], [0], "one entry per judgment"),
        ([1], [1], [0], "compared with itself"),
    ],
)
def test_impossible_judgments_are_refused(
    left: list[int], right: list[int], choice: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        count_outcomes(left, right, choice, 2)


def test_no_judgments_give_an_empty_table() -> None:
    counts = count_outcomes([], [], [], 2)
    assert counts.tolist() == np.zeros((3, 2, 2)).tolist() and counts.dtype == np.int64
    assert count_keys([([], 0)])[0].tolist() == []
