"""Correlations: scipy's values, and intervals that hold what the true scores' would be."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ratings.psychometrics.inference.correlation import correlations, interval_of_draws

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
    values = {
        correlation.coefficient: correlation.value for correlation in correlations(x, None, list(y))
    }
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert values == {}
        return
    expected = {
        "spearman": stats.spearmanr(x, y).statistic,
        "kendall": stats.kendalltau(x, y).statistic,
        "pearson": stats.pearsonr(x, y).statistic,
    }
    assert values == pytest.approx(expected, abs=6e-4)


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
        assert -1 <= spearman.low <= spearman.high <= 1
        widths.append(spearman.high - spearman.low)
    assert widths == sorted(widths) and widths[0] < 0.2 < widths[-1]


def exact_ends(score: np.ndarray, sigma: float, metric: np.ndarray) -> tuple[float, ...]:
    """Return the interval of Pearson's r from scipy's normal and noncentral chi square.

    With independent errors the part of the scores along the metric is normal, the square of the
    distance from it a noncentral chi square, and they are independent.
    """
    unit = (metric - metric.mean()) / np.linalg.norm(metric - metric.mean())
    along, total = score @ unit, ((score - score.mean()) ** 2).sum()
    freedom, square = len(score) - 2, (total - along**2) / sigma**2
    rng = np.random.default_rng(4)
    far = np.linspace(0, 10 * np.sqrt(square) + 10, 20_000)
    # How sure it is that the distance is at most so much.
    at_most = stats.ncx2.sf(square, freedom, np.maximum(far, 1e-9) ** 2)
    distance = sigma * np.interp(rng.uniform(size=20_000), at_most, far)
    near = rng.normal(along, sigma, 20_000)
    return tuple(np.quantile(near / np.hypot(near, distance), [0.025, 0.975]))


@pytest.mark.parametrize(("seed", "sigma"), [(1, 0.3), (2, 0.1), (3, 0.6), (4, 0.3)])
def test_the_interval_is_that_of_exact_distributions(seed: int, sigma: float) -> None:
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1, 9)
    metric = true + rng.normal(0, 0.5, 9)
    center = np.eye(9) - 1 / 9
    score = center @ (true + rng.normal(0, sigma, 9))
    pearson = correlations(score, sigma**2 * center, list(metric))[2]
    assert (pearson.low, pearson.high) == pytest.approx(exact_ends(score, sigma, metric), abs=0.02)


def test_a_metric_that_is_almost_right_is_not_called_worse_than_it_is() -> None:
    # Draws about the estimates, which have errors already, held the truth in none of these.
    center, held = np.eye(10) - 0.1, []
    for seed in range(80):
        rng = np.random.default_rng([5, seed])
        true = rng.normal(0, 1, 10)
        metric = true + rng.normal(0, 0.1, 10)
        score = center @ (true + rng.normal(0, 0.3, 10))
        pearson = correlations(score, 0.09 * center, list(metric))[2]
        assert pearson.low is not None and pearson.high is not None
        held.append(pearson.low <= stats.pearsonr(true, metric).statistic <= pearson.high)
    assert np.mean(held) > 0.87  # of .95, less three standard errors


def test_ranks_of_few_methods_don_t_hold_more_than_they_say() -> None:
    # Ends that counted all draws of their values as inside held the truth in .978 of 800 runs.
    center, held = np.eye(6) - 1 / 6, []
    for seed in range(400):
        rng = np.random.default_rng([6, seed])
        true = rng.normal(0, 1, 6)
        metric = true + rng.normal(0, 0.4, 6)
        score = center @ (true + rng.normal(0, 0.3, 6))
        kendall = correlations(score, 0.09 * center, list(metric))[1]
        assert kendall.low is not None and kendall.high is not None
        truth = stats.kendalltau(true, metric).statistic
        held.append(kendall.low - 5e-4 <= truth <= kendall.high + 5e-4)
    assert 0.93 <= np.mean(held) <= 0.97


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=60), st.sampled_from([0.5, 0.8, 0.95]))
def test_as_much_lies_beyond_each_end_as_the_level_leaves(drawn: list[int], level: float) -> None:
    low, high = interval_of_draws(np.array(drawn, float) / 4, level)
    tail = (1 - level) / 2 * len(drawn)
    values = sorted(Fraction(one, 4) for one in drawn)

    def equal(end: Fraction) -> Fraction:
        """Return how many of those equal to an end count as inside: half, and all at -1 and 1."""
        return Fraction(values.count(end), 2 if abs(end) < 1 else 1)

    below = {one for one in values if sum(each < one for each in values) + equal(one) < tail}
    above = {one for one in values if sum(each > one for each in values) + equal(one) < tail}
    assert low == min(set(values) - below) and high == max(set(values) - above)


def test_an_infinite_metric_has_a_place_among_ranks_and_an_unknown_one_has_none() -> None:
    score, covariance = example()
    metric: list[float | None] = [None, math.inf, *score[2:]]
    spearman, kendall, pearson = correlations(score, covariance, metric)
    without = correlations(score[2:], covariance[2:, 2:], list(score[2:]))
    assert pearson == without[2] and pearson.methods == 6
    large = correlations(score[1:], covariance[1:, 1:], [1e9, *score[2:]])
    assert (spearman, kendall) == tuple(large[:2])
    expected = stats.spearmanr(score[1:], [np.inf, *score[2:]]).statistic
    assert spearman.value == pytest.approx(expected, abs=6e-4) and spearman.methods == 7


@given(st.permutations(range(8)), st.integers(0, 3), st.integers(0, 3))
def test_methods_without_a_score_take_part_by_their_rank(
    metric: list[int], above: int, below: int
) -> None:
    scores = [math.nan] * above + [8.0 - i for i in range(above, 8 - below)] + [math.nan] * below
    covariance = 0.01 * np.eye(8 - above - below)
    rank = list(range(1, 9))
    by_name = {one.coefficient: one for one in correlations(scores, covariance, metric, rank=rank)}
    expected = stats.spearmanr([-one for one in rank], metric).statistic
    assert by_name["spearman"].value == pytest.approx(expected, abs=6e-4)
    tau = stats.kendalltau([-one for one in rank], metric).statistic
    assert by_name["kendall"].value == pytest.approx(tau, abs=6e-4)
    assert by_name["spearman"].methods == 8
    placed = 8 - above - below
    assert by_name["pearson"].methods == placed if placed >= 3 else "pearson" not in by_name


def test_too_little_to_go_by_gives_nothing() -> None:
    assert correlations([1.0, -1.0], None, [1.0, 2.0]) == []
    assert correlations([1.0, 0.0, -1.0], None, [5.0, 5.0, 5.0]) == []
    assert correlations([], None, []) == []


def test_without_intervals_of_scores_there_is_none_here() -> None:
    correlated = correlations([1.0, 0.0, -1.0], None, [3.0, 2.0, 1.0])
    assert [
        (correlation.value, correlation.low, correlation.high) for correlation in correlated
    ] == [(1.0, None, None)] * 3


@given(st.integers(0, 10**6), st.integers(3, 6), st.integers(1, 3))
def test_places_without_errors_leave_the_draws_of_scores_alone(
    seed: int, placed: int, above: int
) -> None:
    # Printed covariances are singular, and by rounding a little short of definite.
    score, covariance = example(seed, placed, 0.01)
    scores = [math.nan] * above + sorted(score.tolist(), reverse=True)
    rank, metric = list(range(1, above + placed + 1)), list(range(above + placed))
    correlated = correlations(scores, covariance, metric, rank=rank)
    assert [correlation.value for correlation in correlated[:2]] == [-1, -1]
    assert all(correlation.low is not None for correlation in correlated)
