"""Rate saved at equal score: what is found is level, and its interval is the test's."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from ratings.psychometrics.inference.rate_saving import (
    RateSaving,
    ScoreCurve,
    falls,
    gap_contrasts,
    rate_saving,
)

RATES = [0.1, 0.2, 0.4, 0.8]
ANCHOR, TEST = ScoreCurve(RATES, [0, 1, 2, 3]), ScoreCurve(RATES, [4, 5, 6, 7])
BENT = np.array([-1.2, -0.5, 0.1, 0.4, -1.0, -0.2, 0.3, 0.6])
SMALL = 0.01 * np.eye(8)


def mean_gap(shift: float, scores: np.ndarray) -> float:
    """Return the mean gap of TEST, moved by a shift, over ANCHOR: by summing many points."""
    x = np.log10(RATES)
    low, high = max(x[0], x[0] - shift), min(x[-1], x[-1] - shift)
    at = np.linspace(low, high, 200_001)
    gap = np.interp(at + shift, x, scores[4:]) - np.interp(at, x, scores[:4])
    return float(np.trapezoid(gap, at) / (high - low))


def found(scores: np.ndarray, covariance: np.ndarray | None = None, **more: float) -> RateSaving:
    df, level = more.get("df", 30), more.get("level", 0.95)
    saving = rate_saving(ANCHOR, TEST, scores, covariance, df, level)
    assert saving is not None
    return saving


@given(st.floats(0.4, 2.5), st.floats(0.2, 3))
def test_a_share_of_the_rate_at_each_score_is_found_again(share: float, slope: float) -> None:
    steps = slope * np.log2(np.array(RATES))
    scores = np.concatenate([steps, steps - slope * math.log2(share)])
    saving = found(scores, np.zeros((8, 8)))
    assert saving.share == pytest.approx(share - 1, abs=1e-9)
    assert saving.low == pytest.approx(saving.share) == pytest.approx(saving.high)


RISING = st.lists(st.floats(0.05, 1.5), min_size=4, max_size=4).map(np.cumsum)


@given(RISING, RISING, st.floats(-1, 1))
def test_at_the_shift_that_is_found_the_curves_are_level(
    first: np.ndarray, second: np.ndarray, lead: float
) -> None:
    scores = np.concatenate([first, second + lead])
    saving = rate_saving(ANCHOR, TEST, scores, None, 1)
    assume(saving is not None)
    assert saving is not None and saving.low is saving.high is None
    assert abs(mean_gap(math.log10(1 + saving.share), scores)) < 1e-3


@given(RISING, RISING, st.floats(-0.5, 0.5))
def test_the_other_way_round_it_is_the_inverse(
    first: np.ndarray, second: np.ndarray, lead: float
) -> None:
    scores = np.concatenate([first, second + lead])
    there = rate_saving(ANCHOR, TEST, scores, SMALL, 30)
    back = rate_saving(TEST, ANCHOR, scores, SMALL, 30)
    assert (there is None) == (back is None)
    assume(there is not None)
    assert there is not None and back is not None
    assert (1 + there.share) * (1 + back.share) == pytest.approx(1)
    assert (there.low is None) == (back.high is None)
    if there.low is not None and back.high is not None:
        assert (1 + there.low) * (1 + back.high) == pytest.approx(1)


@pytest.mark.parametrize(("df", "level"), [(5, 0.95), (30, 0.95), (30, 0.8)])
def test_at_the_ends_of_the_interval_the_gap_is_just_told_from_0(df: int, level: float) -> None:
    rng = np.random.default_rng(3)
    root = 0.05 * rng.normal(size=(8, 8))
    covariance = root @ root.T
    saving = found(BENT, covariance, df=df, level=level)
    assert saving.low is not None and saving.high is not None
    assert saving.low < saving.share < saving.high
    reach = stats.t.ppf((1 + level) / 2, df)
    for end in (saving.low, saving.high):
        shift = math.log10(1 + end)
        weights = np.array([mean_gap(shift, row) for row in np.eye(8)])
        error = math.sqrt(weights @ covariance @ weights)
        assert abs(mean_gap(shift, BENT)) / error == pytest.approx(reach, rel=2e-3)


def test_judgments_that_say_little_leave_an_end_open() -> None:
    assert found(BENT, 100 * np.eye(8)) == RateSaving(found(BENT).share, None, None)
    ends = [found(BENT, size * np.eye(8)) for size in (0.02, 0.05, 0.1, 0.2)]
    assert any((one.low is None) != (one.high is None) for one in ends)


def test_a_constant_that_all_scores_share_changes_nothing() -> None:
    _, gaps = gap_contrasts(ANCHOR, TEST, 8)
    assert np.abs(gaps.sum(axis=1)).max() < 1e-12
    one, other = found(BENT, SMALL), found(BENT + 5, SMALL + 7)
    assert one.low is not None and other.low is not None
    assert (one.share, one.low) == pytest.approx((other.share, other.low))


def test_curves_that_are_nowhere_level_have_none() -> None:
    apart = np.concatenate([BENT[:4], BENT[4:] + 20])
    assert rate_saving(ANCHOR, TEST, apart, SMALL, 30) is None


def test_a_curve_of_one_rate_is_none() -> None:
    with pytest.raises(ValueError, match="two rates"):
        rate_saving(ScoreCurve([0.1], [0]), TEST, BENT, SMALL, 30)


@pytest.mark.parametrize(
    ("scores", "error", "expected"),
    [
        ([0.0, 1.0, 2.0], 0.5, False),
        ([2.0, 1.0, 0.0], 50.0, True),  # on the whole, however unsure
        ([1.0, 1.0, 1.0], 0.5, True),
        ([0.0, 1.0, 0.5, 2.0], 0.0, True),
        ([0.0, 1.0, 0.5, 2.0], 1.0, False),
        ([0.1, 1.0, 0.6, 0.2, 2.0], 0.4, True),  # over two steps
    ],
)
def test_curves_that_fall_by_more_than_their_error_are_known(
    scores: list[float], error: float, expected: bool
) -> None:
    curve = ScoreCurve([0.1 * 2**n for n in range(len(scores))], range(len(scores)))
    covariance = error**2 / 2 * np.eye(len(scores))
    assert falls(curve, np.array(scores), covariance, 1e9) == expected
    if error == 0:
        assert falls(curve, np.array(scores), None, 1)


@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_the_error_of_a_fall_is_a_one_sided_test_with_its_covariance(factor: float) -> None:
    root = np.random.default_rng(2).normal(size=(3, 3))
    covariance = root @ root.T
    weights = np.array([0, 1, -1])
    drop = factor * stats.t.ppf(0.95, 7) * math.sqrt(weights @ covariance @ weights)
    curve = ScoreCurve([0.1, 0.2, 0.4], [0, 1, 2])
    assert falls(curve, np.array([-1e6, drop, 0.0]), covariance, 7) == (factor > 1)
