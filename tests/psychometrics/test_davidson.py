"""Davidson's ties: an independent optimizer, closed forms, and what has no finite estimate."""

from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import optimize

from ratings.psychometrics.model import bradley_terry, davidson, likelihood

COUNTS = st.integers(2, 6).flatmap(
    lambda n: hnp.arrays(np.float64, (2, n, n), elements=st.sampled_from([0.0, 0, 1, 2, 5, 30]))
)


def split(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return wins and symmetric ties."""
    wins, ties = counts[0], np.triu(counts[1], 1)
    np.fill_diagonal(wins, 0)
    return wins, ties + ties.T


def loss(wins: NDArray[np.float64], ties: NDArray[np.float64], point: NDArray[np.float64]) -> float:
    """Return minus the log likelihood, written from the paper's strengths."""
    strength, nu = np.exp(point[:-1]), np.exp(point[-1])
    level = nu * np.sqrt(np.outer(strength, strength))
    total = strength[:, None] + strength[None, :] + level
    wins_part = (wins * np.log(strength[:, None] / total)).sum()
    return -float(wins_part + (ties * np.log(level / total)).sum() / 2)


@given(COUNTS)
def test_the_fit_is_that_of_an_independent_optimizer(counts: NDArray[np.float64]) -> None:
    wins, ties = split(counts)
    assume(davidson.obstacle(wins, ties) is None)
    fit = davidson.fit_davidson(wins, ties)
    assert fit.score.sum() == pytest.approx(0, abs=1e-10)
    if not ties.any():
        assert fit.tie == 0
        assert fit.score == pytest.approx(bradley_terry.scores(wins), abs=1e-10)
        return
    ours = np.append(fit.score, np.log(fit.tie))
    best = optimize.minimize(partial(loss, wins, ties), np.zeros(len(ours)), method="BFGS")
    assert loss(wins, ties, ours) <= best.fun + 1e-9


@given(COUNTS)
def test_expected_wins_and_ties_equal_observed(counts: NDArray[np.float64]) -> None:
    wins, ties = split(counts)
    assume(ties.any() and davidson.obstacle(wins, ties) is None)
    fit = davidson.fit_davidson(wins, ties)
    win, tie = likelihood.probabilities(fit.score, fit.tie)
    judged = wins + wins.T + ties
    # Davidson's equations: each method's wins plus half its ties, and the ties in all.
    expected = (judged * (win + tie / 2)).sum(axis=1)
    assert expected == pytest.approx((wins + ties / 2).sum(axis=1), rel=1e-9)
    assert (judged * tie).sum() == pytest.approx(ties.sum(), rel=1e-9)


def test_two_methods_have_their_closed_form() -> None:
    # Saturated: strengths as the wins, nu = ties / sqrt(wins * losses).
    fit = davidson.fit_davidson(np.array([[0.0, 16], [4, 0]]), np.array([[0.0, 6], [6, 0]]))
    assert fit.score == pytest.approx(np.array([np.log(2), -np.log(2)]))
    assert fit.tie == pytest.approx(6 / 8)


def test_chances_add_up_and_are_those_of_the_paper() -> None:
    score, nu = np.array([0.0, 1.5, -700, 800]), 0.4
    win, tie = likelihood.probabilities(score, nu)
    assert win + win.T + tie == pytest.approx(1)
    strength = np.exp(score[:2])
    level = nu * np.sqrt(strength.prod())
    assert win[1, 0] == pytest.approx(strength[1] / (strength.sum() + level))
    assert tie[1, 0] == pytest.approx(level / (strength.sum() + level))


@pytest.mark.parametrize(
    ("wins", "ties", "reason"),
    [
        ([[0, 0], [0, 0]], [[0, 3], [3, 0]], "All judgments are ties"),
        ([[0, 5], [0, 0]], [[0, 3], [3, 0]], "No preference contradicts the ties"),
        ([[0, 5], [0, 0]], [[0, 0], [0, 0]], "can't be placed"),
        # a > b > c, and c tied with a: two wins to one tie around, so there is an estimate.
        ([[0, 1, 0], [0, 0, 1], [0, 0, 0]], [[0, 0, 1], [0, 0, 0], [1, 0, 0]], None),
    ],
)
def test_what_has_no_finite_estimate_is_refused_in_words(
    wins: list[list[int]], ties: list[list[int]], reason: str | None
) -> None:
    counts = np.array(wins, float), np.array(ties, float)
    if reason is None:
        assert davidson.obstacle(*counts) is None
        assert 0 < davidson.fit_davidson(*counts).tie < 10
    else:
        with pytest.raises(ValueError, match=reason):
            davidson.fit_davidson(*counts)


@given(COUNTS)
def test_an_obstacle_is_a_direction_in_which_the_likelihood_never_falls(
    counts: NDArray[np.float64],
) -> None:
    wins, ties = split(counts)
    size = len(wins)
    assume(ties.any())
    # Rows a with a @ (scores, log nu) >= 0: along such a direction no observed outcome loses.
    rows = []
    for i, j in zip(*np.nonzero(wins + ties), strict=True):
        won = np.zeros(size + 1)
        won[[i, j]] = 0.5, -0.5
        level = np.eye(size + 1)[size]
        rows += [2 * won, won - level] if wins[i, j] else []
        rows += [level - won, level + won] if ties[i, j] else []
    ahead = np.array(rows)
    # Is there one that moves some observed outcome against another? (All equal: no direction.)
    direction = optimize.linprog(
        -ahead.sum(axis=0), A_ub=-ahead, b_ub=np.zeros(len(ahead)), bounds=(-1, 1)
    )
    assert direction.fun is not None
    assert (direction.fun < -1e-9) == (davidson.obstacle(wins, ties) is not None) or not linked_all(
        wins + ties
    )


def linked_all(judged: NDArray[np.float64]) -> bool:
    """Say whether all methods are linked by judgments, whichever way they went."""
    return bradley_terry.linked(judged + judged.T)


@given(COUNTS)
def test_information_is_the_curvature_of_the_likelihood(counts: NDArray[np.float64]) -> None:
    wins, ties = split(counts + 1)
    score, nu = np.linspace(-1, 1, len(wins)), 0.7
    point, small = np.append(score, np.log(nu)), 1e-4
    # A judgment's information doesn't depend on its outcome.
    ours = likelihood.outcomes(score, nu).information(wins + wins.T + ties)
    for axis, row in zip(np.eye(len(point)), ours, strict=True):
        for other, number in zip(np.eye(len(point)), row, strict=True):
            corners = [
                loss(wins, ties, point + small * (a * axis + b * other)) * a * b
                for a in (-1, 1)
                for b in (-1, 1)
            ]
            assert sum(corners) / (4 * small**2) == pytest.approx(number, rel=1e-3, abs=1e-2)
