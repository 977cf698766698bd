"""Left bias: of the crowd and of single raters."""

import numpy as np
import pytest
from scipy import stats

from ratings.psychometrics.raters.position_bias import position_bias, rater_position_bias
from tests.psychometrics.crowds import answered


def test_a_known_liking_is_found_with_an_interval_that_holds_it() -> None:
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        rater = rng.integers(0, 30, 2000)
        distance = rng.normal(0, 1.5, 2000)
        liking = 0.2 + rng.normal(0, 0.3, 30)
        won = rng.random(2000) < 1 / (1 + np.exp(-(distance + liking[rater])))
        bias = position_bias(answered(rater, won), 1 / (1 + np.exp(-distance)))
        assert bias is not None and bias.low is not None and bias.high is not None
        held.append(bias.low <= 0.2 <= bias.high)
    assert 0.9 <= np.mean(held) <= 0.99


def test_without_a_liking_p_values_are_even() -> None:
    p_values = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        rater, chance = rng.integers(0, 20, 600), rng.random(600)
        bias = position_bias(answered(rater, rng.random(600) < chance), chance)
        assert bias is not None and bias.p_value is not None
        p_values.append(bias.p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_single_raters_by_hand() -> None:
    rater = np.repeat([0, 1, 3], [10, 4, 1])
    won = np.array([1.0] * 10 + [1, 0, 0.5, 0.5] + [0])
    bias = rater_position_bias(answered(rater, won), 4, np.full(15, 0.5))
    assert bias.share.tolist()[:2] == [1, 0.5]
    # (10 - 5 - 1/2) / sqrt(10 / 4) standard deviations
    assert bias.p_value[0] == pytest.approx(2 * stats.norm.sf(4.5 / np.sqrt(2.5)))
    assert bias.beta[0] == pytest.approx(5 / 2.5)
    assert bias.p_value[1] == 1
    assert np.isnan(bias.share[2])


def test_one_rater_tells_nothing_of_the_crowd_and_no_judgment_nothing() -> None:
    bias = position_bias(answered([0], [1], times=[3]), np.full(1, 0.5))
    assert bias is not None and bias.share == 1 and bias.p_value is None
    assert position_bias(answered([], []), np.zeros(0)) is None
