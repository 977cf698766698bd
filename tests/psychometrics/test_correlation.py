"""Correlations: scipy's values, and intervals that follow from the scores' errors alone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.psychometrics.correlation import correlations

NUMBERS = st.lists(st.integers(-6, 6), min_size=3, max_size=12)


def example(seed: int = 1, size: int = 8, error: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Return scores with mean 0 and a covariance that leaves out the common shift."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 1, size)
    root = rng.normal(0, error, (size, size))
    center = np.eye(size) - 1 / size
    return score - score.mean(), (center @ root @ root.T @ center / size).round(6)


@given(NUMBERS, st.randoms())
def test_values_are_scipy_s_with_ties(numbers: list[int], random: object) -> None:
    x = np.array(numbers, float)
    y = np.random.default_rng(len(numbers)).integers(-3, 3, len(x)).astype(float)
    found = {one.coefficient: one.value for one in correlations(x, None, list(y))}
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert found == {}
        return
    expected = {
        "spearman": stats.spearmanr(x, y).statistic,
        "kendall": stats.kendalltau(x, y).statistic,
        "pearson": stats.pearsonr(x, y).statistic,
    }
    assert found == pytest.approx(expected, abs=6e-4)


def test_names_and_order_of_methods_change_nothing() -> None:
    score, covariance = example()
    metric = [30 + value**3 for value in score]
    order = np.random.default_rng(5).permutation(len(score))
    shuffled = covariance[np.ix_(order, order)]
    assert correlations(score, covariance, metric) == correlations(
        score[order], shuffled, [metric[i] for i in order]
    )


def test_a_scale_changes_nothing() -> None:
    score, covariance = example()
    metric = list(np.random.default_rng(2).normal(0, 1, len(score)))
    elo = correlations(2000 + 173.7 * score, 173.7**2 * covariance, metric)
    assert elo == correlations(score, covariance, metric)


def test_the_interval_is_as_wide_as_the_scores_are_unsure() -> None:
    metric = list(example()[0] + np.random.default_rng(3).normal(0, 0.3, 8))
    widths = []
    for error in (0.05, 0.5, 1.5):
        score, covariance = example(error=error)
        spearman = correlations(score, covariance, metric)[0]
        assert spearman.low is not None and spearman.high is not None
        assert -1 <= spearman.low <= spearman.value <= spearman.high <= 1
        widths.append(spearman.high - spearman.low)
    assert widths == sorted(widths) and widths[0] < 0.2 < widths[-1]


def test_the_interval_is_that_of_an_independent_simulation() -> None:
    score, covariance = example(size=6, error=0.6)
    metric = score**2 + score
    rng = np.random.default_rng(99)
    draws = rng.multivariate_normal(score, covariance + 1e-12 * np.eye(6), 20_000)
    simulated = [stats.pearsonr(draw, metric).statistic for draw in draws[:4000]]
    pearson = correlations(score, covariance, list(metric))[2]
    ends = np.quantile(simulated, [0.025, 0.975])
    assert (pearson.low, pearson.high) == pytest.approx(tuple(ends), abs=0.03)


def test_methods_without_a_finite_metric_are_left_out_and_counted() -> None:
    score, covariance = example()
    metric: list[float | None] = [None, math.inf, *score[2:]]
    found = correlations(score, covariance, metric)
    part = correlations(score[2:], covariance[2:, 2:], list(score[2:]))
    assert found == part
    assert {one.methods for one in found} == {6}
    assert found[0].value == 1


def test_too_little_to_go_by_gives_nothing() -> None:
    assert correlations([1.0, -1.0], None, [1.0, 2.0]) == []
    assert correlations([1.0, 0.0, -1.0], None, [5.0, 5.0, 5.0]) == []
    assert correlations([], None, []) == []


def test_without_intervals_of_scores_there_is_none_here() -> None:
    found = correlations([1.0, 0.0, -1.0], None, [3.0, 2.0, 1.0])
    assert [(one.value, one.low, one.high) for one in found] == [(1.0, None, None)] * 3
