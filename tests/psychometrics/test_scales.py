"""Scales: what their anchors promise, and that nothing but the unit changes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.psychometrics.inference.scales import NAMES, scale

LOG_ODDS = st.floats(-20, 20).map(lambda value: round(value, 4))


def chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def test_one_step_is_worth_what_the_anchor_says() -> None:
    assert chance(1 / scale("natural").per_log_odds) == pytest.approx(math.e / (1 + math.e))
    assert chance(400 / scale("elo").per_log_odds) == pytest.approx(10 / 11)
    assert chance(1 / scale("jnd").per_log_odds) == pytest.approx(0.75)


def test_a_published_example_of_elo() -> None:
    # Elo's own table: 200 points ahead is an expectation of 0.76.
    assert chance(200 / scale("elo").per_log_odds) == pytest.approx(0.76, abs=0.001)


@pytest.mark.parametrize(("name", "mean"), [("natural", 0), ("jnd", 0), ("elo", 2000)])
def test_each_scale_has_its_mean_and_says_so(name: str, mean: float) -> None:
    assert scale(name).place(0.0) == scale(name).mean == mean
    assert scale(name).anchor.startswith(f"The methods on the scale have a mean of {mean};")
    assert scale(name).as_json()["anchor"] == scale(name).anchor


def test_a_study_may_set_the_mean_of_elo_alone() -> None:
    assert scale("elo", 1500).place(1.0) == pytest.approx(1673.7)
    for name in ("natural", "jnd"):
        with pytest.raises(ValueError, match="has mean 0"):
            scale(name, 0)


@pytest.mark.parametrize("mean", [math.nan, math.inf])
def test_a_mean_must_be_finite(mean: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        scale("elo", mean)


def test_an_unknown_scale_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'glicko': choose one of natural, elo, jnd"):
        scale("glicko")


@given(LOG_ODDS)
def test_log_odds_are_printed_as_they_are_kept(value: float) -> None:
    assert scale("natural").place(value) == value == scale("natural").length(value)


@given(st.sampled_from(NAMES), LOG_ODDS, LOG_ODDS)
def test_order_is_kept_and_differences_are_lengths(name: str, one: float, other: float) -> None:
    chosen = scale(name)
    first, second = chosen.place(one), chosen.place(other)
    length = chosen.length(one - other)
    assert first is not None and second is not None and length is not None
    assert (first >= second) if one >= other else (first <= second)
    assert first - second == pytest.approx(length, abs=2 * 10.0**-chosen.decimals)


def test_a_row_keeps_all_but_its_scores() -> None:
    row = {"rank": 1, "method": "m", "score": 1.0, "se": 0.5, "ci_low": None, "win_rate": 0.7}
    assert scale("elo").convert(row) == {
        "rank": 1,
        "method": "m",
        "score": 2173.7,
        "se": 86.9,
        "ci_low": None,
        "win_rate": 0.7,
    }


def test_nothing_stays_nothing_and_zero_has_no_sign() -> None:
    assert scale("elo").place(None) is None and scale("elo").length(None) is None
    assert math.copysign(1, scale("jnd").place(-0.0) or 0.0) == 1
