"""Overdispersion: what stands out from a crowd that differs by nature."""

import numpy as np
import pytest
from scipy import special, stats

from ratings.psychometrics.raters.overdispersion import (
    Overdispersion,
    count_tail,
    fdr,
    overdispersion,
    pooled_overdispersion,
    t_reference,
)


def test_totals_of_a_crowd_with_tastes_are_standard_normal() -> None:
    rng = np.random.default_rng(1)
    chance, weight = rng.uniform(2, 20, 4000), rng.uniform(2, 20, 4000)
    total = rng.normal(0.3 * weight, np.sqrt(chance + 0.5**2 * weight**2))
    dispersion, pooled = (
        overdispersion(total, chance, weight),
        pooled_overdispersion(total, chance, weight),
    )
    assert (dispersion.centre, dispersion.heterogeneity) == pytest.approx((0.3, 0.5), abs=0.04)
    assert stats.kstest(dispersion.z, "norm").pvalue > 1e-3
    # What is set aside at first makes the pooled heterogeneity a little small.
    assert (pooled.centre, pooled.heterogeneity) == pytest.approx((0.3, 0.45), abs=0.05)
    assert pooled.z.std() == pytest.approx(1.05, abs=0.1)


def test_a_third_that_stands_out_still_stands_out() -> None:
    rng = np.random.default_rng(2)
    chance, weight = np.full(90, 10.0), np.full(90, 10.0)
    total = rng.normal(0, np.sqrt(chance))
    total[:30] += 60
    z = overdispersion(total, chance, weight).z
    assert z[:30].min() > 4 and np.abs(z[30:]).max() < 4


def test_no_spread_is_seen_where_there_is_none_and_nothing_is_nothing() -> None:
    rng = np.random.default_rng(3)
    ones = np.ones(500)
    assert overdispersion(rng.normal(0, 0.9, 500), ones, ones).heterogeneity == 0
    for nothing in (np.zeros(0), np.zeros(3)):
        for estimate in (overdispersion, pooled_overdispersion):
            assert estimate(nothing, nothing, nothing).z.tolist() == nothing.tolist()


def test_the_tail_of_a_count_is_the_binomial_one_and_widens_with_taste() -> None:
    count, judged = np.array([9.0, 5.0, 0.0, 0.0]), np.array([10.0, 10.0, 10.0, 0.0])
    usual = count_tail(
        count, judged, lambda taste: np.full(4, 0.5), Overdispersion(count, 0.0, 0.0)
    )
    assert usual[:2] == pytest.approx(stats.binom.sf([8, 4], 10, 0.5))
    assert usual[2:] == pytest.approx([1, 1])
    wide = count_tail(
        count,
        judged,
        lambda taste: np.full(4, special.expit(taste)),
        Overdispersion(count, 0.0, 1.0),
    )
    draws = special.expit(stats.norm.ppf((np.arange(10_000) + 0.5) / 10_000))
    slips = 0.97 * draws + 0.015
    assert wide[0] == pytest.approx(np.mean(stats.binom.sf(8, 10, slips)), rel=1e-3)


def test_small_crowds_are_less_sure() -> None:
    assert t_reference(np.array([1e-6]), 1000)[0] == pytest.approx(1e-6, rel=0.2)
    assert t_reference(np.array([1e-6]), 4)[0] > 1e-3
    assert t_reference(np.array([0.0, 1.0]), 2).tolist() == pytest.approx([0, 1], abs=1e-2)


def test_discoveries_keep_their_rate() -> None:
    rng = np.random.default_rng(4)
    false = [fdr(rng.random((20, 10)), 0.05).any() for _ in range(1000)]
    assert np.mean(false) == pytest.approx(0.05, abs=0.025)
    assert fdr(np.array([[1e-6, 0.5], [0.9, 1e-6]]), 0.01).tolist() == [
        [True, False],
        [False, True],
    ]
    assert fdr(np.zeros((0, 3)), 0.01).shape == (0, 3)
