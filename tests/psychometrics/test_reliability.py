"""Reliability: EM climbs, finds random raters, and comes near who knows them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from ratings.psychometrics.counts.tally import tally_counts, win_matrix
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.raters.reliability import (
    LEVELS,
    PRIOR_RATERS,
    PRIOR_SD,
    Reliability,
    reliability,
)
from tests.psychometrics.crowds import judged


def fitted(seed: int, **crowd: Any) -> Reliability:
    judgments = judged(seed, **crowd)
    return reliability(
        judgments.counts(judgments.rater), len(judgments.methods), len(judgments.raters)
    )


@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(1, 20), st.floats(0, 0.3))
@settings(max_examples=25)
def test_the_objective_never_falls(seed: int, methods: int, raters: int, unsure: float) -> None:
    reliable = fitted(seed, methods=methods, raters=raters, each=200 // raters + 40, unsure=unsure)
    steps = np.diff(reliable.objective)
    assert (steps >= -1e-7 * np.abs(reliable.objective[0])).all()
    assert np.isfinite(reliable.score).all() and reliable.score.sum() == pytest.approx(0, abs=1e-9)
    assert reliable.level.sum(axis=1) == pytest.approx(1)
    low, high = reliable.interval()
    assert ((low >= 0) & (high <= 1) & (low <= high)).all()
    assert (low - 0.1 <= reliable.attentiveness).all() and (
        reliable.attentiveness <= high + 0.1
    ).all()


def objective(state: np.ndarray, table: np.ndarray, methods: int, raters: int) -> float:
    """Return minus the penalized likelihood, one judgment of one rater after the other."""
    score, share = state[:methods], special.log_softmax(state[methods:])
    joint = np.tile(share, (raters, 1))
    for rater, first, second, won, lost, tied in table:
        p = special.expit(score[first] - score[second])
        for count, chance in ((won + tied / 2, p), (lost + tied / 2, 1 - p)):
            joint[rater] += count * np.log((1 - LEVELS) * chance + LEVELS / 2)
    total = special.logsumexp(joint, axis=1).sum() + PRIOR_RATERS * share.mean()
    return -float(total - (score**2).sum() / (2 * PRIOR_SD**2))


def test_an_independent_optimizer_finds_nothing_better() -> None:
    judgments = judged(3, raters=8, each=50, methods=3, random=3)
    table = judgments.counts(judgments.rater)
    ours = reliability(table, 3, 8)
    state = np.concatenate([ours.score, np.log(ours.crowd)])
    value = objective(state, table, 3, 8)
    assert -value == pytest.approx(ours.objective[-1], abs=1e-4)
    other = optimize.minimize(objective, state, (table, 3, 8), method="BFGS")
    assert other.fun > value - 1e-3
    assert other.x[:3] - other.x[:3].mean() == pytest.approx(ours.score, abs=0.02)


def test_random_raters_are_found_and_scores_come_near_those_without_them() -> None:
    errors = []
    for seed in range(6):
        judgments = judged(seed, raters=50, each=100, methods=8, pictures=200, random=15)
        table = judgments.counts(judgments.rater)
        ours = reliability(table, 8, 50)
        assert ours.attentiveness[35:].max() < ours.attentiveness[:35].mean() - 0.2
        plain, oracle = (scores(win_matrix(rows, 8)) for rows in (table, table[table[:, 0] < 35]))
        truth = np.linspace(-1.5, 1.5, 8)
        errors.append([_rescaled_error(score, truth) for score in (plain, ours.score, oracle)])
    plain, ours, oracle = np.sqrt(np.square(errors).mean(axis=0))
    assert ours < 1.1 * oracle
    assert plain > 1.2 * oracle


def _rescaled_error(score: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt((((score @ truth) / (score @ score) * score - truth) ** 2).mean()))


def test_nothing_is_lost_where_all_are_careful() -> None:
    judgments = judged(1, raters=40, each=150, random=0)
    ours = fitted(1, raters=40, each=150, random=0)
    plain = scores(judgments.tally().wins())
    assert np.corrcoef(plain, ours.score)[0, 1] > 0.999
    assert ours.attentiveness.mean() > 0.85


def test_names_and_orders_change_nothing() -> None:
    judgments = judged(5, raters=12, each=60, random=3)
    table = judgments.counts(judgments.rater)
    ours = reliability(table, 6, 12)
    rng = np.random.default_rng(1)
    methods, raters = rng.permutation(6), rng.permutation(12)
    other = table[rng.permutation(len(table))].copy()
    other[:, 0], other[:, 1:3] = raters[other[:, 0]], methods[other[:, 1:3]]
    again = reliability(other, 6, 12)
    assert (again.score[methods] == ours.score).all()
    assert (again.level[raters] == ours.level).all()


def test_splitting_a_row_changes_nothing_and_swapped_rows_mean_the_same() -> None:
    rows = [[0, 0, 1, 6, 2, 1], [1, 0, 1, 3, 3, 0], [1, 1, 2, 4, 1, 0], [0, 0, 2, 5, 2, 0]]
    other = [[0, 1, 0, 2, 6, 1], *rows[1:]]
    labels = ["a", "b", "c"]
    ours = reliability(np.array(rows), 3, 2)
    assert reliability(np.array(other), 3, 2).score == pytest.approx(ours.score, abs=1e-12)
    tally = tally_counts(labels, rows, rows)
    assert reliability(tally.by_rater, 3, 2).score == pytest.approx(ours.score, abs=1e-9)


def test_golden_answers_tell_what_judgments_leave_open() -> None:
    table = np.array([[rater, 0, 1, 6, 4, 0] for rater in range(4)])
    goldens = np.array([[20, 0], [11, 9], [10, 0], [0, 0]])
    careful = reliability(table, 2, 4, goldens).attentiveness
    assert careful[0] > careful[2] > careful[3] > careful[1]
    # A rater who misses half of the golden trials answers at random.
    assert careful[1] < 0.3
    with pytest.raises(ValueError, match="4 rows of counts"):
        reliability(table, 2, 4, np.ones((3, 2)))


def test_raters_without_judgments_are_as_the_crowd() -> None:
    judgments = judged(2, raters=10)
    ours = reliability(judgments.counts(judgments.rater), 6, 12)
    assert ours.level[10:] == pytest.approx(np.tile(ours.crowd, (2, 1)), abs=1e-6)


def test_scores_that_random_raters_alone_hold_stay_finite() -> None:
    rows = [[r, 0, 1, 20, 0, 0] for r in range(20)] + [[r, 1, 2, 10, 10, 0] for r in range(20)]
    rows += [[20, 0, 1, 9, 11, 0], [20, 0, 2, 10, 10, 0]]
    score = reliability(np.array(rows), 3, 21).score
    assert np.abs(score).max() < 12
    assert score[0] > score[1]


def test_no_finite_scores_is_an_error_and_all_ties_are_level() -> None:
    with pytest.raises(ValueError, match="no finite"):
        reliability(np.array([[0, 0, 1, 5, 0, 0]]), 2, 1)
    ties = reliability(np.array([[0, 0, 1, 0, 0, 5], [1, 0, 1, 0, 0, 1]]), 2, 2)
    assert ties.score == pytest.approx([0, 0], abs=1e-9)
