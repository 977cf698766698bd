"""What a model expects of a judgment, beside sums over its outcomes, one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.model.likelihood import judgments, outcomes, preference, probabilities

SCORES = st.lists(st.floats(-4, 4), min_size=2, max_size=5).map(np.array)
NUS = st.none() | st.floats(0.01, 5)
# Judgments of two methods: cluster, first, second, wins of either, ties.
TABLE = np.array([[0, 0, 1, 3, 1, 2], [1, 0, 1, 0, 2, 0], [1, 0, 2, 1, 1, 1], [2, 1, 2, 4, 0, 3]])


def chances(
    score: FloatArray, nu: float | None, i: int, j: int
) -> list[tuple[float, float, float]]:
    """Return each outcome's probability, points for i, and whether it is a tie (Davidson 1970)."""
    first, second = np.exp(score[i] / 2), np.exp(score[j] / 2)
    weights = np.array([first / second, second / first, nu or 0.0])
    return list(zip(weights / weights.sum(), (1.0, 0.0, 0.5), (0.0, 0.0, 1.0), strict=True))


@given(SCORES, NUS)
def test_products_are_moments_over_the_outcomes(score: FloatArray, nu: float | None) -> None:
    expected = outcomes(score, nu)
    ours = expected.expected_products()
    for i, j in product(range(len(score)), repeat=2):
        if i == j:
            assert [table[i, j] for table in ours] == [0, 0, 0]
            continue
        p, points, ties = np.array(chances(score, nu, i, j)).T
        assert expected.points[i, j] == pytest.approx(p @ points)
        off, surprise = points - p @ points, ties - p @ ties
        moments = [p @ off**2, p @ (off * surprise), p @ surprise**2]
        assert [table[i, j] for table in ours] == pytest.approx(moments, abs=1e-12)


@given(SCORES, NUS)
def test_information_is_the_curvature_of_the_log_likelihood(
    score: FloatArray, nu: float | None
) -> None:
    size = len(score)
    judged = np.triu(np.arange(1, size * size + 1).reshape(size, size) % 5, 1).astype(float)
    judged += judged.T
    point = score if nu is None else np.append(score, np.log(nu))

    def slope(at: FloatArray, parameter: int, i: int, j: int) -> FloatArray:
        """Return the derivatives of the log probabilities of the outcomes by one parameter."""
        step = np.eye(len(point))[parameter] * 1e-5
        upper, lower = (
            [p for p, _, _ in chances(x[:size], None if nu is None else np.exp(x[-1]), i, j)]
            for x in (at + step, at - step)
        )
        count = 2 if nu is None else 3
        return (np.log(upper[:count]) - np.log(lower[:count])) / 2e-5

    fisher = np.zeros((len(point), len(point)))
    for i in range(size):
        for j in range(i + 1, size):
            p = np.array([p for p, _, _ in chances(score, nu, i, j)])[: 2 if nu is None else 3]
            slopes = np.array([slope(point, k, i, j) for k in range(len(point))])
            fisher += judged[i, j] * (slopes * p) @ slopes.T
    ours = outcomes(score, nu).information(judged)
    assert ours.shape == fisher.shape
    assert ours == pytest.approx(fisher, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("nu", [None, 0.8])
def test_what_was_unexpected_adds_up_over_judgments(nu: float | None) -> None:
    score = np.array([0.7, -0.2, -0.5])
    expected = outcomes(score, nu)
    assert judgments(TABLE).tolist() == [6, 2, 3, 7]
    points, ties = expected.unexpected(TABLE)
    wins, tied = np.zeros((3, 3)), np.zeros((3, 3))
    squares = np.zeros((3, 3, 3))
    for row, (_, i, j, won, lost, level) in enumerate(TABLE):
        p, worth, tie = np.array(chances(score, nu, i, j)).T
        drawn = np.array([won, lost, level])
        off, surprise = worth - p @ worth, tie - (0.0 if nu is None else p @ tie)
        assert points[row] == pytest.approx(drawn @ off)
        if nu is not None:
            assert ties[row] == pytest.approx(drawn @ surprise)
        wins[i, j] += won + level / 2
        wins[j, i] += lost + level / 2
        tied[[i, j], [j, i]] += level
        sums = [drawn @ off**2, drawn @ (off * surprise), drawn @ surprise**2]
        squares[:, i, j] += sums
    ours = expected.observed_products(wins, tied)
    upper = np.triu_indices(3, 1)
    assert ours.points[upper] == pytest.approx(squares[0][upper])
    assert ours.points == pytest.approx(ours.points.T)
    if nu is not None:
        assert ours.mixed[upper] == pytest.approx(squares[1][upper])
        assert ours.mixed == pytest.approx(-ours.mixed.T)
        assert ours.ties[upper] == pytest.approx(squares[2][upper])


@given(st.floats(-30, 30), NUS)
def test_preference_is_the_share_of_points(distance: float, nu: float | None) -> None:
    p, points, _ = np.array(chances(np.array([distance, 0.0]), nu, 0, 1)).T
    assert preference(np.array(distance), nu) == pytest.approx(p @ points)


def test_probabilities_of_distant_methods_are_finite() -> None:
    win, tie = probabilities(np.array([800.0, -800.0]), 0.5)
    assert win.tolist() == [[pytest.approx(0.4), 1.0], [0.0, pytest.approx(0.4)]]
    assert tie[0, 1] == 0 and tie[0, 0] == pytest.approx(0.2)


def test_where_the_likelihood_is_highest_nothing_is_unexpected() -> None:
    def loss(point: FloatArray) -> float:
        score, nu = np.append(point[:2], 0.0), float(np.exp(point[2]))
        return -sum(
            float(np.log([p for p, _, _ in chances(score, nu, i, j)]) @ counts)
            for _, i, j, *counts in TABLE
        )

    best = optimize.minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x
    points, ties = outcomes(np.append(best[:2], 0.0), float(np.exp(best[2]))).unexpected(TABLE)
    by_method = [
        points[TABLE[:, 1] == method].sum() - points[TABLE[:, 2] == method].sum()
        for method in range(3)
    ]
    assert by_method == pytest.approx([0, 0, 0], abs=1e-5)
    assert ties.sum() == pytest.approx(0, abs=1e-5)
