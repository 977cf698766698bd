"""Pairing: nothing twice, everything equally often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.pairing import balanced_sides, choose, choose_many


def test_arrays_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        choose_many(np.zeros((2, 3), int), np.zeros((3, 2), bool), 1, np.random.default_rng(0))


def test_nothing_is_left_when_all_is_seen() -> None:
    counts = np.zeros((2, 3), int)
    assert choose(counts, np.ones((2, 3), bool), np.random.default_rng(0)) is None
    assert choose(np.zeros((0, 0), int), np.zeros((0, 0), bool), np.random.default_rng(0)) is None


def test_the_least_judged_pair_comes_on_its_least_judged_crop() -> None:
    counts = np.array([[3, 0, 9], [0, 2, 9], [3, 1, 0]])
    assert choose(counts, np.zeros((3, 3), bool), np.random.default_rng(0)) == (0, 1)
    seen = np.zeros((3, 3), bool)
    seen[0, 1] = True
    assert choose(counts, seen, np.random.default_rng(0)) == (2, 1)


@given(st.integers(1, 6), st.integers(1, 8), st.integers(0, 2**32))
def test_a_rater_sees_all_once_and_inputs_stay(crops: int, pairs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts, seen = rng.integers(0, 4, (crops, pairs)), np.zeros((crops, pairs), bool)
    before = counts.copy()
    chosen = choose_many(counts, seen, crops * pairs + 5, rng)
    assert sorted(chosen) == [(c, p) for c in range(crops) for p in range(pairs)]
    assert (counts == before).all() and not seen.any()


@given(st.integers(0, 2**32))
def test_exposure_is_balanced_over_pairs_and_crops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = np.zeros((5, 6), int)
    for _rater in range(7):
        for crop, pair in choose_many(counts, np.zeros((5, 6), bool), 9, rng):
            counts[crop, pair] += 1
    assert np.ptp(counts.sum(axis=0)) <= 1
    assert np.ptp(counts) <= 1
    assert np.ptp(counts.sum(axis=1)) <= 4


def test_chance_decides_between_equals_and_a_seed_repeats_it() -> None:
    counts, seen = np.zeros((4, 4), int), np.zeros((4, 4), bool)
    first = {choose(counts, seen, np.random.default_rng(seed)) for seed in range(300)}
    assert len(first) == 16
    assert choose(counts, seen, np.random.default_rng(5)) == choose(
        counts, seen, np.random.default_rng(5)
    )


def test_sides_make_up_for_a_surplus_and_toss_otherwise() -> None:
    rng = np.random.default_rng(1)
    sides = balanced_sides(np.array([3, 3, 2]), np.array([2, 1, 1]), rng)
    assert sides[:2].tolist() == [False, True]
    even = balanced_sides(np.zeros(1000, int), np.zeros(1000, int), rng)
    assert 430 < even.sum() < 570
