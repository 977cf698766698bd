"""Rate saved at equal human score: how far one curve lies from another along the axis of rates.

Entries of several rates that judgments compare stand on one scale, so that scores over the
logarithm of the rate make curves, straight between rates. Moved along the axis of rates by a shift,
one curve has on average the score of another, over what both then cover: that shift is what is
estimated.

For a given shift the mean gap of two curves is a sum of scores with known weights, so its error
follows from the scores' covariance exactly. The interval holds every shift whose gap could be 0: a
test turned into an interval (as Fieller 1954 did for ratios), which needs no slope to be sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray

# The least part of the shorter curve that a shift must leave to compare.
LEAST_SHARE = 0.5
# Shifts that are looked at; between two of them the interval's ends are found by a straight line.
GRID = 1001


@dataclass(frozen=True)
class ScoreCurve:
    """A curve: rates in bits per pixel, strictly rising, and where its scores stand among all."""

    bpp: Sequence[float]
    places: Sequence[int]


@dataclass(frozen=True)
class RateSaving:
    """What share more rate a curve takes than another at equal score: 0 none, -0.1 a tenth less.

    `low` and `high` are None where the judgments set no bound on that side, or there is no
    covariance.
    """

    share: float
    low: float | None
    high: float | None


def rate_saving(
    anchor: ScoreCurve,
    test: ScoreCurve,
    scores: FloatArray,
    covariance: FloatArray | None,
    degrees_of_freedom: float,
    level: float = 0.95,
) -> RateSaving | None:
    """Return what `test` takes beside `anchor`, with its interval at a level.

    `scores` (n) are in log odds, `covariance` (n, n) theirs. None where within all shifts that
    leave enough to compare neither curve is level with the other. Raises ValueError for a curve
    of fewer than two rates.
    """
    shifts, gaps = gap_contrasts(anchor, test, len(scores))
    level_at = crossings(shifts, gaps @ scores)
    if not level_at.size:
        return None
    estimate = float(level_at[np.abs(level_at).argmin()])
    if covariance is None:
        return RateSaving(_share(estimate), None, None)
    # The estimate itself is looked at too: an interval may be narrower than the grid.
    at = int(np.searchsorted(shifts, estimate))
    shifts = np.insert(shifts, at, estimate)
    contrasts = _contrasts(anchor, test, len(scores), shifts)
    gap = contrasts @ scores
    gap[at] = 0.0
    variance = np.einsum("ij,jk,ik->i", contrasts, np.asarray(covariance), contrasts)
    reach = special.stdtrit(degrees_of_freedom, (1 + level) / 2) * np.sqrt(np.maximum(variance, 0))
    ends = _ends(shifts, np.abs(gap) - reach)
    return RateSaving(_share(estimate), *(None if end is None else _share(end) for end in ends))


def falls(
    curve: ScoreCurve,
    scores: FloatArray,
    covariance: FloatArray | None,
    degrees_of_freedom: float,
    level: float = 0.95,
) -> bool:
    """Tell whether a curve does not rise, so that a score has no one rate.

    That is where the last score is not above the first; or where any later score is below an
    earlier one by more than the error: a one-sided t test of their difference at `level`, from the
    covariance; without one, where it is below at all. `scores` and `covariance` are as for
    `rate_saving`.
    """
    places = list(curve.places)
    own = scores[places]
    if own[-1] <= own[0]:
        return True
    drops = own[:, None] - own[None, :]
    reach = np.zeros_like(drops)
    if covariance is not None:
        own_covariance = np.asarray(covariance)[np.ix_(places, places)]
        variances = np.diag(own_covariance)
        variance = variances[:, None] + variances[None, :] - 2 * own_covariance
        reach = special.stdtrit(degrees_of_freedom, level) * np.sqrt(np.maximum(variance, 0))
    return bool(np.triu(drops > reach, 1).any())


def gap_contrasts(
    anchor: ScoreCurve, test: ScoreCurve, scores: int
) -> tuple[FloatArray, FloatArray]:
    """Return shifts (GRID), and for each the weights of all scores in the mean gap (GRID, scores).

    Shifts are in decades of rate; the gap is the test's mean less the anchor's, over what both
    cover once the test is moved. Raises ValueError for a curve of fewer than two rates.
    """
    if min(len(anchor.bpp), len(test.bpp)) < 2:
        raise ValueError("A curve needs two rates.")
    shifts = _shifts(np.log10(anchor.bpp), np.log10(test.bpp))
    return shifts, _contrasts(anchor, test, scores, shifts)


def _contrasts(anchor: ScoreCurve, test: ScoreCurve, scores: int, shifts: FloatArray) -> FloatArray:
    here, there = np.log10(anchor.bpp), np.log10(test.bpp)
    low = np.maximum(here[0], there[0] - shifts)
    high = np.minimum(here[-1], there[-1] - shifts)
    contrasts = np.zeros((len(shifts), scores))
    contrasts[:, list(test.places)] = _mean_weights(there, low + shifts, high + shifts)
    contrasts[:, list(anchor.places)] = -_mean_weights(here, low, high)
    return contrasts


def _shifts(here: FloatArray, there: FloatArray) -> FloatArray:
    """Return the shifts that leave enough of both curves to compare, from the least to the most."""
    least = LEAST_SHARE * min(here[-1] - here[0], there[-1] - there[0])
    return np.linspace(there[0] - here[-1] + least, there[-1] - here[0] - least, GRID)


def _mean_weights(knots: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the weights of values at knots in the means, from low to high, of the line through.

    `low` and `high` (n) lie within the knots (k); the weights are (n, k).
    """
    area = _areas(knots, high) - _areas(knots, low)
    weights: FloatArray = area / (high - low)[:, None]
    return weights


def _areas(knots: FloatArray, to: FloatArray) -> FloatArray:
    """Return how much of the hat on each knot (k) lies left of each place (n), as (n, k)."""
    widths = np.diff(knots)
    part = np.clip((to[:, None] - knots[:-1]) / widths, 0, 1)
    areas = np.zeros((len(to), len(knots)))
    areas[:, 1:] += widths * part**2 / 2
    areas[:, :-1] += widths * (part - part**2 / 2)
    return areas


def crossings(shifts: FloatArray, gaps: FloatArray) -> FloatArray:
    """Return where gaps go from below 0 to above, on straight lines between the shifts."""
    rises = np.nonzero((gaps[:-1] <= 0) & (gaps[1:] > 0))[0]
    return np.array([_zero(shifts, gaps, index) for index in rises.tolist()])


def _ends(shifts: FloatArray, excess: FloatArray) -> tuple[float | None, float | None]:
    """Return the least and the most shift whose excess is not above 0, None at the grid's ends."""
    held = np.nonzero(excess <= 0)[0]
    first, last = int(held[0]), int(held[-1])
    low = None if first == 0 else _zero(shifts, excess, first - 1)
    high = None if last == len(shifts) - 1 else _zero(shifts, excess, last)
    return low, high


def _zero(shifts: FloatArray, values: FloatArray, index: int) -> float:
    """Return where the line from one shift to the next is 0; its values have different signs."""
    (x, y), (next_x, next_y) = ((shifts[at], values[at]) for at in (index, index + 1))
    return float(x - y * (next_x - x) / (next_y - y))


def _share(shift: float) -> float:
    return float(10**shift - 1)
