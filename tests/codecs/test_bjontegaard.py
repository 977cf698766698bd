"""BD-rate and BD-PSNR as another implementation has them, and refused where no number is meant."""

import math
import warnings
from itertools import accumulate
from typing import NamedTuple

import bjontegaard as oracle
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ratings.codecs.bjontegaard import (
    INTERPOLATIONS,
    LEAST_OVERLAP,
    Incomparable,
    Obstacle,
    RateCurve,
    bd_quality,
    bd_rate,
)

ANCHOR = RateCurve([0.1, 0.2, 0.4, 0.8], [30.0, 33.0, 36.0, 39.0])


class Steps(NamedTuple):
    """A rising curve: where it begins, and by how much each point lies beyond the one before."""

    rate: float
    quality: float
    steps: list[tuple[float, float]]

    def curve(self) -> RateCurve:
        rates = accumulate([step[0] for step in self.steps], lambda a, b: a * b, initial=self.rate)
        quality = accumulate([step[1] for step in self.steps], initial=self.quality)
        return RateCurve(list(rates), list(quality))


STEPS = st.tuples(st.floats(1.05, 3.0), st.floats(0.05, 4.0))
CURVES = st.builds(
    Steps, st.floats(0.02, 0.2), st.floats(24.0, 34.0), st.lists(STEPS, min_size=3, max_size=7)
).map(Steps.curve)
METHODS = st.sampled_from(sorted(INTERPOLATIONS))


@given(CURVES, CURVES, METHODS)
@example(ANCHOR, RateCurve([0.1, 0.2, 0.4, 0.8], [30.5, 33.2, 36.9, 39.1]), "akima")
def test_both_are_those_of_the_package_wherever_they_are_given(
    anchor: RateCurve, test: RateCurve, method: str
) -> None:
    found = 0
    for ours, theirs in ((bd_rate, oracle.bd_rate), (bd_quality, oracle.bd_psnr)):
        try:
            delta = ours(anchor, test, method)
        except Incomparable as incomparable:
            assert incomparable.code in {
                Obstacle.NO_OVERLAP,
                Obstacle.LITTLE_OVERLAP,
                Obstacle.NOT_MONOTONE_BETWEEN,
            }
            continue
        found += 1
        figures = anchor.bpp, anchor.quality, test.bpp, test.quality
        expected = theirs(
            *figures, method=method, require_matching_points=False, min_overlap=LEAST_OVERLAP
        )
        assert math.isclose(delta.value, expected, rel_tol=1e-9, abs_tol=1e-9)
    assume(found)


@given(CURVES, METHODS)
def test_a_curve_beside_itself_saves_nothing(curve: RateCurve, method: str) -> None:
    try:
        rate, quality = bd_rate(curve, curve, method), bd_quality(curve, curve, method)
    except Incomparable as incomparable:
        assert incomparable.code is Obstacle.NOT_MONOTONE_BETWEEN and method != "pchip"
        return
    assert (rate.value, quality.value) == (0.0, 0.0)
    assert (rate.overlap, quality.overlap) == (1.0, 1.0)


@given(CURVES, st.floats(0.3, 3.0), METHODS)
def test_what_takes_a_share_of_the_rate_at_each_quality_saves_the_rest(
    curve: RateCurve, share: float, method: str
) -> None:
    cheaper = RateCurve([share * bpp for bpp in curve.bpp], curve.quality)
    try:
        delta = bd_rate(curve, cheaper, method)
    except Incomparable as incomparable:
        assert incomparable.code is Obstacle.NOT_MONOTONE_BETWEEN
        return
    assert math.isclose(delta.value, 100 * (share - 1), abs_tol=1e-6)


@pytest.mark.parametrize(
    ("bpp", "quality", "code", "words"),
    [
        ([0.1, 0.2], [30.0, 33.0], Obstacle.TOO_FEW_POINTS, "2 points; pchip needs 3"),
        ([], [], Obstacle.TOO_FEW_POINTS, "0 points"),
        ([0.1, 0.2, 0.4, 0.8], [30.0, 34, 33, 36], Obstacle.NOT_MONOTONE, "not better at each"),
        ([0.1, 0.2, 0.4, 0.8], [36.0, 34, 33, 30], Obstacle.NOT_MONOTONE, "not better at each"),
        ([0.1, 0.2, 0.2, 0.8], [30.0, 33, 34, 36], Obstacle.NOT_MONOTONE, "not better at each"),
        ([0.1, 0.2, 0.4, 0.8], [30.0, 33, 33, 36], Obstacle.NOT_MONOTONE, "not better at each"),
        ([0.1, 0.2, 0.4, 0.8], [30.0, 33, 36, math.inf], Obstacle.NO_FIGURES, "finite"),
        ([0.1, 0.2, 0.4, 0.8], [30.0, 33, math.nan, 36], Obstacle.NO_FIGURES, "finite"),
        ([0.0, 0.2, 0.4, 0.8], [30.0, 33, 34, 36], Obstacle.NO_FIGURES, "finite"),
        ([0.1, 0.2, 0.4, 0.8], [40.0, 41, 42, 43], Obstacle.NO_OVERLAP, "share no quality"),
        ([0.1, 0.2, 0.4, 0.8], [36.0, 38, 40, 43], Obstacle.LITTLE_OVERLAP, "23 % of the"),
    ],
)
def test_a_rate_that_no_number_says_is_refused_with_the_reason(
    bpp: list[float], quality: list[float], code: Obstacle, words: str
) -> None:
    with pytest.raises(Incomparable, match=words) as refused:
        bd_rate(ANCHOR, RateCurve(bpp, quality))
    assert refused.value.code is code


def test_an_anchor_is_refused_like_a_method() -> None:
    with pytest.raises(Incomparable, match="The anchor has 1 point; akima needs 3"):
        bd_quality(RateCurve([0.1], [30.0]), ANCHOR, "akima")


def test_a_polynomial_that_turns_back_between_the_points_is_refused() -> None:
    """The package says -97 % of this pair, where the second curve is nowhere above the first."""
    anchor = RateCurve([100.0, 200, 400, 800], [30.0, 33.0, 34.5, 35.5])
    flat = RateCurve([100.0, 200, 400, 800], [30.0, 33.0, 33.1, 34.5])
    figures = anchor.bpp, anchor.quality, flat.bpp, flat.quality
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert oracle.bd_rate(*figures, method="cubic") < -90
    for method in ("cubic", "akima"):
        with pytest.raises(Incomparable, match="take pchip") as refused:
            bd_rate(anchor, flat, method)
        assert refused.value.code is Obstacle.NOT_MONOTONE_BETWEEN
    assert bd_rate(anchor, flat).value > 20


def test_a_rate_without_a_quality_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="3 rates have 2 qualities"):
        RateCurve([0.1, 0.2, 0.3], [30.0, 31.0])
