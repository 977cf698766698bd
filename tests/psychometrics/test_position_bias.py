"""Left bias: of the crowd and of single raters."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, special, stats

from ratings.psychometrics.counts.counted_answers import CountedAnswers
from ratings.psychometrics.raters.position_bias import (
    PositionBias,
    position_bias,
    rater_position_bias,
)
from tests.psychometrics.crowds import answered

SCORE = np.array([-1.2, -0.4, 0.3, 1.3])


def crowd(seed: int, raters: int, judgments: int, liking: float = 0.0) -> CountedAnswers:
    """Return answers of raters who each like the left, about as much as `liking`."""
    rng = np.random.default_rng(seed)
    rater = rng.integers(0, raters, judgments)
    left = rng.integers(0, 4, judgments)
    pair = np.column_stack([left, (left + rng.integers(1, 4, judgments)) % 4])
    own = liking + rng.normal(0, 0.3, raters) * (liking > 0)
    odds = SCORE[pair[:, 0]] - SCORE[pair[:, 1]] + own[rater]
    won = rng.random(judgments) < special.expit(odds)
    return replace(answered(rater, won), left=pair[:, 0], right=pair[:, 1], choice=1 - won)


def bias_of(answers: CountedAnswers) -> PositionBias:
    chance = special.expit(SCORE[answers.left] - SCORE[answers.right])
    bias = position_bias(answers, SCORE, chance)
    assert bias is not None
    return bias


def test_a_known_liking_is_found_with_an_interval_that_holds_it() -> None:
    held = []
    for seed in range(100):
        bias = bias_of(crowd(seed, 30, 1000, 0.2))
        assert bias.low is not None and bias.high is not None
        held.append(bias.low <= 0.2 <= bias.high)
    assert 0.9 <= np.mean(held) <= 0.99


def test_without_a_liking_p_values_are_even() -> None:
    p_values = [bias_of(crowd(seed, 20, 400)).p_value or 0.0 for seed in range(120)]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_bias_and_scores_are_the_likeliest_together() -> None:
    answers = crowd(1, 5, 400, 0.5)

    def loss(point: np.ndarray) -> float:
        score = np.append(point[:3], -point[:3].sum())
        odds = score[answers.left] - score[answers.right] + point[3]
        return float(np.logaddexp(0, odds).sum() - answers.left_won @ odds)

    found = optimize.minimize(loss, np.zeros(4), tol=1e-12)
    assert bias_of(answers).beta == pytest.approx(found.x[3], abs=1e-5)


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
    bias = bias_of(crowd(2, 1, 100))
    assert bias.beta is not None and bias.p_value is None
    assert position_bias(answered([], []), np.zeros(2), np.zeros(0)) is None


def test_a_bias_without_a_finite_estimate_is_none() -> None:
    always_left = bias_of(replace(crowd(3, 4, 80), choice=np.zeros(80, np.int64)))
    assert (always_left.share, always_left.beta, always_left.p_value) == (1, None, None)
    # One of two methods is always the left: method and side are one thing.
    one_order = position_bias(answered([0, 1, 1], [1, 0, 1]), np.zeros(2), np.full(3, 0.5))
    assert one_order is not None and one_order.beta is None
