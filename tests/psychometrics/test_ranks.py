"""Statements about all methods at once, against brute force and against a known truth."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special, stats

from ratings.psychometrics.inference import ranks
from ratings.psychometrics.inference.step_down import distinguishable

Floats = NDArray[np.float64]
ENDLESS = 1e9


def covariance_of(seed: int, size: int) -> Floats:
    """Return some covariance of scores with mean 0."""
    root = np.random.default_rng(seed).normal(size=(size, size + 2))
    root -= root.mean(axis=0)
    return root @ root.T / size


def errors_of_differences(covariance: Floats) -> Floats:
    """Return standard errors of all differences."""
    own = np.diag(covariance)
    return np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * covariance, 0))


def apart_by_hand(errors: Floats, score: Floats, se: Floats, level: float) -> set[tuple[int, int]]:
    """Step down pair by pair from the largest lead, as in the textbook."""
    apart: set[tuple[int, int]] = set()
    left = {(i, j): (score[i] - score[j]) / se[i, j] for i, j in combinations(range(len(score)), 2)}
    while left:
        pair = max(left, key=lambda key: left[key])
        worst = np.max([(errors[j] - errors[i]) / se[i, j] for i, j in left], axis=0)
        doubt = (1 + (worst > left[pair]).sum()) / (1 + len(worst))
        if doubt > 1 - level or left[pair] <= stats.norm.ppf((1 + level) / 2):
            break
        apart.add(pair)
        del left[pair]
    return apart


@given(st.integers(0, 10**6), st.integers(2, 7), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
@settings(max_examples=40)
def test_told_apart_is_the_textbook_s_step_down(seed: int, size: int, level: float) -> None:
    covariance = covariance_of(seed, size)
    score = np.sort(np.random.default_rng(seed).normal(0, 3, size))[::-1]
    errors, se = ranks.simulated_errors(score, covariance), errors_of_differences(covariance)
    freedom = np.full((size, size), ENDLESS)
    apart = distinguishable(errors, score, se, freedom, level)
    assert (apart == apart.T).all()
    assert set(zip(*map(list, np.nonzero(np.triu(apart))), strict=True)) == apart_by_hand(
        errors, score, se, level
    )


def test_pairs_of_which_nothing_is_known_are_left_out() -> None:
    covariance, score = covariance_of(1, 4), np.array([90.0, 30, -20, -100])
    errors, se = ranks.simulated_errors(score, covariance), errors_of_differences(covariance)
    se[0] = se[:, 0] = np.nan
    apart = distinguishable(errors, score, se, np.full((4, 4), 20.0), 0.95)
    assert not apart[0].any() and apart[1, 2:].all()


def test_draws_have_the_covariance_and_mean_0() -> None:
    covariance = covariance_of(2, 6)
    errors = ranks.simulated_errors(np.arange(6.0)[::-1], covariance)
    assert errors.shape == (6, ranks.DRAWS)
    assert np.abs(errors.sum(axis=0)).max() < 1e-12
    assert errors @ errors.T / ranks.DRAWS == pytest.approx(covariance, abs=0.15)


def test_draws_belong_to_places_and_not_to_names() -> None:
    covariance, score = covariance_of(3, 5), np.array([3.0, 3, 1, 0, -7])
    plain = ranks.simulated_errors(score, covariance)
    for order in permutations(range(5)):
        square = np.ix_(order, order)
        turned = ranks.simulated_errors(score[list(order)], covariance[square])
        assert np.allclose(turned, plain[list(order)], rtol=0, atol=1e-12)


def test_one_statement_needs_no_more_than_its_own_interval() -> None:
    largest = np.abs(special.ndtri((np.arange(10_001) + 0.5) / 10_001))
    margin = ranks.margins(largest, np.array([3.0, 30.0, ENDLESS]), 0.9)
    assert margin == pytest.approx(stats.t.ppf(0.95, [3, 30, ENDLESS]), rel=2e-3)


@given(st.integers(0, 10**6), st.integers(2, 8))
@settings(max_examples=20)
def test_bands_are_wider_than_intervals_and_no_wider_than_bonferroni_s(
    seed: int, size: int
) -> None:
    covariance = covariance_of(seed, size)
    errors = ranks.simulated_errors(np.zeros(size), covariance)
    freedom = np.full(size, 12.0)
    margin = ranks.band_margins(errors, np.sqrt(np.diag(covariance)), freedom, 0.95)
    assert (margin > 0.97 * stats.t.ppf(0.975, 12)).all()
    assert (margin < 1.05 * stats.t.ppf(1 - 0.025 / size, 12)).all()


def test_methods_without_an_error_have_no_band() -> None:
    errors = ranks.simulated_errors(np.zeros(3), covariance_of(4, 3))
    margin = ranks.band_margins(errors, np.array([1.0, np.nan, 1.0]), np.full(3, 9.0), 0.95)
    assert np.isnan(margin).tolist() == [False, True, False]
    assert np.isnan(ranks.band_margins(errors, np.full(3, np.nan), np.full(3, 9.0), 0.95)).all()


@given(st.integers(1, 7), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_rank_sets_and_groups_by_hand(size: int, random: object) -> None:
    apart = np.zeros((size, size), bool)
    for i, j in combinations(range(size), 2):
        apart[i, j] = apart[j, i] = random.random() < 0.4  # type: ignore[attr-defined]
    low, high = ranks.rank_sets(apart)
    for k in range(size):
        assert low[k] == 1 + sum(bool(apart[i, k]) for i in range(k))
        assert high[k] == size - sum(bool(apart[k, j]) for j in range(k + 1, size))
    runs = [(a, b) for a, b in combinations(range(size + 1), 2) if b - a > 1]
    alike = [(a, b) for a, b in runs if not apart[a:b, a:b].any()]
    longest = [
        run
        for run in alike
        if not any(o != run and o[0] <= run[0] and o[1] >= run[1] for o in alike)
    ]
    assert ranks.groups(apart) == longest


@pytest.mark.parametrize("gap", [0.0001, 0.7, 3.0])
def test_rank_sets_hold_the_truth(gap: float) -> None:
    # Scores with a known covariance, 300 times: all rank sets right at once in 95 %.
    rng, size, wrong = np.random.default_rng(5), 6, 0
    covariance = covariance_of(6, size)
    se, freedom = errors_of_differences(covariance), np.full((size, size), ENDLESS)
    truth = np.repeat(np.arange(3) * gap, 2) + np.tile([0, 1e-4], 3)
    true_rank = np.empty(size, int)
    true_rank[np.argsort(-truth)] = np.arange(size) + 1
    for _ in range(300):
        score = truth + rng.multivariate_normal(np.zeros(size), covariance)
        order = np.argsort(-score)
        square = np.ix_(order, order)
        errors = ranks.simulated_errors(score[order], covariance[square])
        apart = distinguishable(errors, score[order], se[square], freedom[square], 0.95)
        low, high = ranks.rank_sets(apart)
        wrong += not ((low <= true_rank[order]) & (true_rank[order] <= high)).all()
    # 15 expected at most, with a standard deviation of 3.8.
    assert wrong <= 24
