"""Scores: a published example, an independent optimizer, and what can't be placed."""

import choix
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import optimize

from ratings.psychometrics.bradley_terry import placement, scores, win_probabilities
from ratings.psychometrics.tally import Tally, tally_counts

# Wikipedia, "Bradley-Terry model", worked example: wins of the row over the column.
PUBLISHED_WINS = np.array([[0, 2, 0, 1], [3, 0, 5, 0], [0, 3, 0, 1], [4, 0, 3, 0]], float)
PUBLISHED_STRENGTHS = [0.640, 1.043, 0.660, 2.270]

WINS = st.integers(2, 6).flatmap(
    lambda n: hnp.arrays(np.float64, (n, n), elements=st.integers(0, 30).map(float))
)


def tally_of(wins: NDArray[np.float64], methods: str = "abcdef") -> Tally:
    """Make a tally of whole wins, all by one rater on one picture."""
    rows = [
        [0, i, j, int(wins[i, j]), int(wins[j, i]), 0]
        for i in range(len(wins))
        for j in range(i + 1, len(wins))
    ]
    return tally_counts(methods[: len(wins)], rows, rows)


def test_published_worked_example() -> None:
    strengths = np.exp(scores(PUBLISHED_WINS))
    assert np.round(strengths, 3).tolist() == PUBLISHED_STRENGTHS


@given(WINS)
def test_scores_are_those_of_an_independent_optimizer(wins: NDArray[np.float64]) -> None:
    wins = wins + 1 - np.eye(len(wins))
    np.fill_diagonal(wins, 0)
    ours = scores(wins)

    def loss(free: NDArray[np.float64]) -> float:
        all_scores = np.append(free, -free.sum())
        return float((wins * np.logaddexp(0, all_scores[None] - all_scores[:, None])).sum())

    found = optimize.minimize(loss, np.zeros(len(wins) - 1), method="BFGS", options={"gtol": 1e-7})
    assert loss(ours[:-1]) <= found.fun + 1e-9
    assert np.append(found.x, -found.x.sum()) == pytest.approx(ours, abs=1e-3)
    assert choix.ilsr_pairwise_dense(wins) == pytest.approx(ours, abs=1e-6)


@given(WINS)
def test_expected_wins_equal_observed_wins(wins: NDArray[np.float64]) -> None:
    np.fill_diagonal(wins, 0)
    assume(len(placement(tally_of(wins)).placed) == len(wins))
    score = scores(wins)
    expected = ((wins + wins.T) * win_probabilities(score)).sum(axis=1)
    expected -= np.diag(wins + wins.T) / 2
    assert expected == pytest.approx(wins.sum(axis=1), rel=1e-11, abs=1e-11)
    assert score.sum() == pytest.approx(0, abs=1e-11)


@given(st.integers(2, 12), st.integers(1, 10**9))
@settings(max_examples=20)
def test_a_chain_of_very_uneven_pairs_has_its_closed_form(size: int, odds: int) -> None:
    wins = np.zeros((size, size))
    for i in range(size - 1):
        wins[i, i + 1], wins[i + 1, i] = odds, 1
    # In a chain each step is the log odds of its pair.
    assert -np.diff(scores(wins)) == pytest.approx(np.full(size - 1, np.log(odds)), abs=1e-8)


def test_scores_without_a_finite_maximum_are_refused() -> None:
    with pytest.raises(ValueError, match="no finite scores"):
        scores(np.array([[0.0, 3], [0, 0]]))


def test_one_sided_methods_are_left_out_and_named() -> None:
    wins = np.zeros((5, 5))
    wins[:3, :3] = [[0, 2, 1], [1, 0, 2], [2, 1, 0]]
    wins[3, :3] = 4
    wins[:3, 4] = 1
    chosen = placement(tally_of(wins))
    assert chosen.placed == (0, 1, 2)
    assert chosen.notes == (
        "d has no score: it won every judgment, so how far it is ahead can't be told.",
        "e has no score: it lost every judgment, so how far it is behind can't be told.",
    )


def test_islands_are_named_and_the_largest_is_placed() -> None:
    wins = np.zeros((6, 6))
    wins[:2, :2] = wins[2:5, 2:5] = 1
    np.fill_diagonal(wins, 0)
    chosen = placement(tally_of(wins))
    assert chosen.placed == (2, 3, 4)
    assert chosen.notes == (
        "No judgment links these groups of methods: a and b | c, d and e.",
        "a has no score: it was never compared with a placed method.",
        "b has no score: it was never compared with a placed method.",
        "f has no score: it has no judgments yet.",
    )


def test_of_equal_islands_the_more_judged_is_placed_or_none() -> None:
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[1, 0] = wins[2, 3] = wins[3, 2] = 1
    assert placement(tally_of(wins)).placed == ()
    assert "no single largest group" in placement(tally_of(wins)).notes[1]
    wins[2, 3] = 2
    assert placement(tally_of(wins)).placed == (2, 3)


def test_a_group_that_always_lost_to_another_is_left_out() -> None:
    wins = np.zeros((5, 5))
    wins[:3, :3] = wins[3:, 3:] = 1
    wins[:3, 3:] = 2
    np.fill_diagonal(wins, 0)
    chosen = placement(tally_of(wins))
    assert chosen.placed == (0, 1, 2)
    assert chosen.notes[0] == "d has no score: it lost every judgment against the placed methods."


def test_many_methods() -> None:
    rng = np.random.default_rng(3)
    wins = rng.integers(0, 3, (300, 300)).astype(float)
    np.fill_diagonal(wins, 0)
    score = scores(wins)
    assert ((wins + wins.T) * win_probabilities(score)).sum(axis=1) == pytest.approx(
        wins.sum(axis=1), rel=1e-11
    )
