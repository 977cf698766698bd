"""Influence: one step is the exact refit, to first order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.psychometrics.counts.tally import win_matrix
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.raters.influence import influence
from tests.psychometrics.crowds import judged


@given(st.integers(0, 10**6), st.integers(2, 8), st.integers(15, 40))
@settings(max_examples=20)
def test_leaving_one_out_is_nearly_the_exact_refit(seed: int, methods: int, raters: int) -> None:
    judgments = judged(seed, methods=methods, raters=raters, each=80, activity_sd=0.8)
    table = judgments.counts(judgments.rater)
    score = scores(win_matrix(table, methods))
    ours = influence(table, raters, score)
    for rater in np.flatnonzero(~ours.needed):
        exact = scores(win_matrix(table[table[:, 0] != rater], methods))
        change = np.abs(exact - score).max()
        assert ours.without[rater] == pytest.approx(exact, abs=0.25 * change + 1e-9)
        assert ours.largest[rater] == pytest.approx(change, rel=0.25, abs=1e-9)


def test_the_error_is_of_second_order() -> None:
    judgments = judged(1, methods=5, raters=30, each=100)
    table = judgments.counts(judgments.rater)
    errors = []
    for times in (1, 4):
        # The others' judgments weigh four times as much: the change is a quarter.
        rows = table.copy()
        rows[rows[:, 0] > 0, 3:] *= times
        score = scores(win_matrix(rows, 5))
        exact = scores(win_matrix(rows[rows[:, 0] > 0], 5))
        errors.append(np.abs(influence(rows, 30, score).without[0] - exact).max())
    assert errors[1] < errors[0] / 10


def test_ranks_that_move_are_counted() -> None:
    rows = [[0, 0, 1, 9, 1, 0], [1, 0, 1, 4, 6, 0], [2, 0, 1, 4, 6, 0], [3, 0, 1, 5, 5, 0]]
    table = np.array(rows)
    ours = influence(table, 4, scores(win_matrix(table, 2)))
    assert ours.moved.tolist() == [2, 0, 0, 0]
    assert ours.largest.argmax() == 0


def test_clusters_without_which_there_are_no_scores_are_named() -> None:
    rows = [[0, 0, 1, 5, 1, 0], [1, 0, 1, 5, 0, 0], [2, 1, 2, 3, 3, 0], [3, 0, 1, 2, 0, 0]]
    table = np.array(rows)
    ours = influence(table, 4, scores(win_matrix(table, 3)))
    assert ours.needed.tolist() == [True, False, True, False]


def test_a_single_cluster_and_one_without_judgments() -> None:
    table = np.array([[0, 0, 1, 3, 2, 1]])
    ours = influence(table, 2, scores(win_matrix(table, 2)))
    assert ours.needed.tolist() == [True, False]
    assert ours.largest[1] == 0 and ours.moved[1] == 0
    assert np.isfinite(ours.without).all()
