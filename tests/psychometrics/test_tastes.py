"""Tastes: what a crowd leaves room for, with tails as its own answers have them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.raters.tastes import Counts, taste_tails

RATERS, METHODS, JUDGED = 60, 8, 40


def counts(taste: FloatArray, seed: int = 1) -> Counts:
    """Return what raters with these tastes answer to even trials."""
    rng = np.random.default_rng(seed)
    judged = np.full(taste.shape, float(JUDGED))
    won = rng.binomial(JUDGED, special.expit(taste)).astype(np.float64)
    return Counts(won, judged, lambda more: np.full(taste.shape, float(special.expit(more))))


def strongest(taste: FloatArray) -> float:
    """Return the chance of the first rater's 39 of 40 for the first method."""
    answers = counts(taste)
    answers.won[0, 0] = 39
    asked = np.zeros(taste.shape, bool)
    asked[0, 0] = True
    least, most = taste_tails(answers, np.ones(len(taste), bool), asked)
    assert least[1:].min() == most[1:].min() == 1
    return float(least[0, 0])


def test_without_tastes_a_tail_is_the_binomial_one() -> None:
    calm = np.zeros((300, METHODS))
    answers = counts(calm)
    least, most = taste_tails(answers, np.ones(300, bool), np.ones(calm.shape, bool))
    for count in (12, 20, 28):
        cell = answers.won == count
        exact = stats.binom.sf(count - 1, JUDGED, 0.5)
        assert least[cell].mean() == pytest.approx(exact, rel=0.25)
        assert most[cell].mean() == pytest.approx(stats.binom.cdf(count, JUDGED, 0.5), rel=0.25)


def test_strong_tastes_for_other_methods_leave_room_for_one_more() -> None:
    rng = np.random.default_rng(2)
    calm = rng.normal(0, 0.4, (RATERS, METHODS))
    strong = 0.4 * rng.standard_t(3, (RATERS, METHODS)) / np.sqrt(3)
    strong[5:9, 3], strong[9:12, 6] = 4.0, -4.0
    assert strongest(calm) < 1e-4 < 5e-4 < strongest(strong)


def test_a_method_s_own_pushers_leave_no_room_for_themselves() -> None:
    calm = np.random.default_rng(3).normal(0, 0.4, (RATERS, METHODS))
    pushed = calm.copy()
    pushed[:10, 0] = 6.0
    assert strongest(pushed) == pytest.approx(strongest(calm), rel=0.05)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0, 2))
def test_tails_meet_in_the_count_and_turn_with_the_sides(seed: int, spread: float) -> None:
    taste = np.random.default_rng(seed).normal(0, spread, (6, 3))
    answers, everyone = counts(taste, seed), np.ones(6, bool)
    turned = Counts(answers.judged - answers.won, answers.judged, answers.usual)
    least, most = taste_tails(answers, everyone, np.ones(taste.shape, bool))
    assert (least + most >= 1 - 1e-9).all() and (np.minimum(least, most) >= 0).all()
    mirrored = taste_tails(turned, everyone, np.ones(taste.shape, bool))
    assert mirrored[0] == pytest.approx(most) and mirrored[1] == pytest.approx(least)
