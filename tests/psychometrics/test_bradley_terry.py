"""Scores: a published example, an independent optimizer, and closed forms."""

import choix
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import optimize

from ratings.psychometrics.model.bradley_terry import linked, scores, win_probabilities

# Wikipedia, "Bradley-Terry model", worked example: wins of the row over the column.
PUBLISHED_WINS = np.array([[0, 2, 0, 1], [3, 0, 5, 0], [0, 3, 0, 1], [4, 0, 3, 0]], float)
PUBLISHED_STRENGTHS = [0.640, 1.043, 0.660, 2.270]

WINS = st.integers(2, 6).flatmap(
    lambda n: hnp.arrays(np.float64, (n, n), elements=st.integers(0, 30).map(float))
)


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

    optimum = optimize.minimize(
        loss, np.zeros(len(wins) - 1), method="BFGS", options={"gtol": 1e-7}
    )
    assert loss(ours[:-1]) <= optimum.fun + 1e-9
    assert np.append(optimum.x, -optimum.x.sum()) == pytest.approx(ours, abs=1e-3)
    assert choix.ilsr_pairwise_dense(wins) == pytest.approx(ours, abs=1e-6)


@given(WINS)
def test_expected_wins_equal_observed_wins(wins: NDArray[np.float64]) -> None:
    np.fill_diagonal(wins, 0)
    assume(linked(wins))
    score = scores(wins)
    expected = ((wins + wins.T) * win_probabilities(score)).sum(axis=1)
    expected -= np.diag(wins + wins.T) / 2
    assert expected == pytest.approx(wins.sum(axis=1), rel=1e-11, abs=1e-11)
    assert score.sum() == pytest.approx(0, abs=1e-11)


@given(st.integers(2, 40), st.sampled_from([1, 3, 1e3, 1e6, 1e9]))
@example(100, 1e9)  # further apart than exp can tell
@example(200, 1e6)
@example(300, 3)  # more than conjugate gradients can do
@settings(max_examples=20, deadline=None)
def test_a_chain_of_very_uneven_pairs_has_its_closed_form(size: int, odds: float) -> None:
    wins = np.zeros((size, size))
    for i in range(size - 1):
        wins[i, i + 1], wins[i + 1, i] = odds, 1
    # In a chain each step is the log odds of its pair.
    assert -np.diff(scores(wins)) == pytest.approx(np.full(size - 1, np.log(odds)), abs=1e-10)


@given(WINS, st.data())
def test_relabelled_methods_keep_their_scores(
    wins: NDArray[np.float64], data: st.DataObject
) -> None:
    np.fill_diagonal(wins, 0)
    assume(linked(wins))
    order = data.draw(st.permutations(range(len(wins))))
    assert scores(wins[np.ix_(order, order)]) == pytest.approx(scores(wins)[order], abs=1e-10)


@given(WINS, st.floats(0.01, 0.99))
def test_only_sums_and_shares_of_counts_matter(wins: NDArray[np.float64], share: float) -> None:
    np.fill_diagonal(wins, 0)
    assume(linked(wins))
    once = scores(wins)
    assert scores(share * wins + (1 - share) * wins) == pytest.approx(once, abs=1e-10)
    assert scores(7 * wins) == pytest.approx(once, abs=1e-10)
    # What everybody preferred, preferred the other way round: the scale is upside down.
    assert scores(wins.T) == pytest.approx(-once, abs=1e-10)


@given(hnp.arrays(np.float64, 5, elements=st.floats(-30, 30)), st.floats(-300, 300))
def test_a_constant_added_to_all_scores_changes_no_chance(
    score: NDArray[np.float64], constant: float
) -> None:
    chances = win_probabilities(score)
    assert win_probabilities(score + constant) == pytest.approx(chances, rel=1e-10)
    assert chances + chances.T == pytest.approx(1)
    assert win_probabilities(np.append(score, 800.0))[:5, :5] == pytest.approx(chances, rel=1e-12)


def test_scores_without_a_finite_maximum_are_refused() -> None:
    with pytest.raises(ValueError, match="no finite scores"):
        scores(np.array([[0.0, 3], [0, 0]]))


@pytest.mark.parametrize("judged", [2, 40])
def test_a_thousand_methods(judged: int) -> None:
    rng = np.random.default_rng(3)
    strength = rng.normal(0, 1, 1000)
    wins = rng.binomial(judged, win_probabilities(strength)).astype(float)
    np.fill_diagonal(wins, 0)
    score = scores(wins)
    won = wins.sum(axis=1)
    expected = ((wins + wins.T) * win_probabilities(score)).sum(axis=1)
    assert expected == pytest.approx(won, rel=1e-11)
    assert np.corrcoef(score, strength)[0, 1] > 0.99
