"""Who can be placed and why not, and what the weak prior says of the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import optimize, special

from ratings.psychometrics.counts.tally import Tally, tally_counts
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.model.connectivity import placement
from ratings.psychometrics.model.prior import prior_scores

SPARSE_WINS = st.integers(1, 6).flatmap(
    lambda n: hnp.arrays(np.float64, (n, n), elements=st.sampled_from([0.0, 0, 0, 0.5, 1, 7]))
)


def tally_of(wins: NDArray[np.float64], methods: str = "abcdef") -> Tally:
    """Make a tally of whole wins, all by one rater on one picture."""
    rows = [
        [0, i, j, int(wins[i, j]), int(wins[j, i]), 0]
        for i in range(len(wins))
        for j in range(i + 1, len(wins))
    ]
    return tally_counts(methods[: len(wins)], rows, rows)


def test_one_sided_methods_are_ranked_off_the_scale_and_named() -> None:
    wins = np.zeros((5, 5))
    wins[:3, :3] = [[0, 2, 1], [1, 0, 2], [2, 1, 0]]
    wins[3, :3] = 4
    wins[:3, 4] = 1
    chosen = placement(tally_of(wins))
    assert chosen.placed == (0, 1, 2)
    assert chosen.ranked == (0, 1, 2, 3, 4)
    assert chosen.notes == (
        "d won every judgment: it is ahead, and how far can't be told.",
        "e lost every judgment: it is behind, and how far can't be told.",
        "The score of d and e rests on a weak prior (one virtual tie with an average method): it "
        "shows a direction, not a distance.",
    )


def test_islands_are_named_and_the_largest_is_placed() -> None:
    wins = np.zeros((6, 6))
    wins[:2, :2] = wins[2:5, 2:5] = 1
    np.fill_diagonal(wins, 0)
    chosen = placement(tally_of(wins))
    assert chosen.placed == (2, 3, 4)
    assert chosen.notes[:-1] == (
        "No judgment links these groups of methods: a and b | c, d and e.",
        "a has no rank: no judgment links it with the ranked methods.",
        "b has no rank: no judgment links it with the ranked methods.",
        "f has no rank: it has no judgments yet.",
    )


def test_of_equal_islands_the_more_judged_is_placed_or_none() -> None:
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[1, 0] = wins[2, 3] = wins[3, 2] = 1
    assert placement(tally_of(wins)).placed == ()
    assert "no single largest group" in placement(tally_of(wins)).notes[1]
    wins[2, 3] = 2
    assert placement(tally_of(wins)).placed == (2, 3)


def test_a_group_that_always_lost_to_another_is_off_its_scale() -> None:
    wins = np.zeros((5, 5))
    wins[:3, :3] = wins[3:, 3:] = 1
    wins[:3, 3:] = 2
    np.fill_diagonal(wins, 0)
    chosen = placement(tally_of(wins))
    assert chosen.placed == (0, 1, 2)
    assert chosen.groups == ((3, 4), (0, 1, 2)) or chosen.groups == ((0, 1, 2), (3, 4))
    assert chosen.ahead[:3, 3:].all() and chosen.ahead.sum() == 6
    assert chosen.notes[0] == "d is behind the methods on the scale: no judgment says how far."


@given(SPARSE_WINS)
def test_prior_scores_are_those_of_an_independent_optimizer(wins: NDArray[np.float64]) -> None:
    np.fill_diagonal(wins, 0)
    placed = list(placement(tally_of(2 * wins)).placed)
    fixed = scores(wins[np.ix_(placed, placed)])
    ours = prior_scores(wins, placed, fixed)
    free = [i for i in range(len(wins)) if i not in placed]
    assert ours[placed] == pytest.approx(fixed, abs=0)

    def loss(values: NDArray[np.float64]) -> float:
        score = ours.copy()
        score[free] = values
        judged = wins * np.logaddexp(0, score[None] - score[:, None])
        virtual = (np.logaddexp(0, -values) + np.logaddexp(0, values)) / 2
        return float(judged.sum() + virtual.sum())

    if free:
        best = optimize.minimize(loss, np.zeros(len(free)), method="BFGS", options={"gtol": 1e-7})
        assert ours[free] == pytest.approx(best.x, abs=1e-4)
        assert loss(ours[free]) <= best.fun + 1e-9


def test_the_prior_has_its_closed_form() -> None:
    # One judgment, nobody placed: level about 0, the likelihood's slope vanishes.
    score = prior_scores(np.array([[0.0, 1], [0, 0]]), (), np.zeros(0))
    assert score == pytest.approx(np.array([score[0], -score[0]]))
    assert special.expit(-2 * score[0]) + 0.5 - special.expit(score[0]) == pytest.approx(0)
    # Ten wins against a placed method of score 0: (10 + 1/2) : 1/2.
    wins = np.array([[0.0, 3, 0], [3, 0, 0], [10, 0, 0]])
    assert prior_scores(wins, (0, 1), np.zeros(2))[2] == pytest.approx(np.log(21))


def test_a_method_never_judged_is_average_by_the_prior() -> None:
    assert prior_scores(np.zeros((3, 3)), (), np.zeros(0)).tolist() == [0, 0, 0]
