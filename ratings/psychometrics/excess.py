"""Excess: how far single raters stand out, where raters differ by nature.

A rater's total T (of residuals, say) has variance V from chance alone. Raters have tastes, so it
also varies by s^2 W^2, with s the spread of tastes, which the crowd itself tells.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from ratings.psychometrics.tally import FloatArray

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

# The median of the square of a standard normal variable.
_MEDIAN_SQUARE = float(stats.chi2.ppf(0.5, 1))
# What lies farther from the middle than this many robust standard deviations is set aside.
_OUTLYING = 3.5
# Honest raters slip in this share of answers, and then flip a coin.
_SLIPS = 0.03
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)


@dataclass(frozen=True, eq=False)
class Excess:
    """Standardized totals: `z` has the shape of the totals, 0 where there is nothing to tell.

    `centre` and `spread` are the crowd's, per unit of weight.
    """

    z: FloatArray
    centre: float
    spread: float


def excess(total: FloatArray, chance: FloatArray, weight: FloatArray) -> Excess:
    """Standardize totals with variances `chance` and sensitivities `weight` to tastes.

    All arrays have one shape; entries without chance are left out. z = (T - c W) / sqrt(V + s^2
    W^2) with c the median of T / W, and s^2 >= 0 such that the median of z^2 is that of a
    standard normal variable's square: bad raters, while fewer than half, can't hide in medians.
    """
    known = (chance > 0) & (weight > 0)
    if not known.any():
        return Excess(np.zeros(total.shape), 0.0, 0.0)
    t, v, w = total[known], chance[known], weight[known]
    centre = float(np.median(t / w))
    variance = _spread((t - centre * w) ** 2, v, w**2)
    return _standardized(total, chance, weight, centre, variance)


def pooled_excess(total: FloatArray, chance: FloatArray, weight: FloatArray) -> Excess:
    """Standardize many totals of few judgments each: centre and spread are pooled moments.

    Medians of nearly discrete totals tell nothing. What stands out at first is set aside.
    """
    known = (chance > 0) & (weight > 0)
    rough = np.where(known, total, 0.0) / np.sqrt(np.where(known, chance, 1.0))
    if known.any():
        middle = np.median(rough[known])
        scale = max(1.0, 1.4826 * float(np.median(np.abs(rough[known] - middle))))
        known &= np.abs(rough - middle) <= _OUTLYING * scale
    if not known.any():
        return Excess(np.zeros(total.shape), 0.0, 0.0)
    t, v, w = total[known], chance[known], weight[known]
    centre = float(t.sum() / w.sum())
    # Less its own standard error: what a few judgments can't tell is not held for taste.
    beyond = (t - centre * w) ** 2 - v
    least = beyond.sum() - np.sqrt((beyond**2).sum())
    variance = max(0.0, float(least / (w**2).sum()))
    return _standardized(total, chance, weight, centre, variance)


def _standardized(
    total: FloatArray, chance: FloatArray, weight: FloatArray, centre: float, variance: float
) -> Excess:
    error = np.sqrt(chance + variance * weight**2)
    z = np.where(error > 0, (total - centre * weight) / np.where(error > 0, error, 1.0), 0.0)
    return Excess(z, centre, float(np.sqrt(variance)))


def _spread(square: FloatArray, chance: FloatArray, weight: FloatArray) -> float:
    def gap(variance: float) -> float:
        return float(np.median(square / (chance + variance * weight))) - _MEDIAN_SQUARE

    if gap(0.0) <= 0:
        return 0.0
    most = float((square / weight).max()) / _MEDIAN_SQUARE
    return float(optimize.brentq(gap, 0.0, most))


def count_tail(
    count: FloatArray, judged: FloatArray, usual: Callable[[float], FloatArray], found: Excess
) -> FloatArray:
    """Return the probability that an honest rater reaches at least `count` of `judged`.

    `usual(taste)` is the mean probability of one where the rater has that taste; tastes are
    normal, with the crowd's centre and spread. Given a taste the count is taken as binomial,
    which has the wider tails when the probabilities are unequal (Hoeffding 1956). A half is
    half a count. 1 where nothing was judged.
    """
    tail = np.zeros(count.shape)
    least = np.maximum(count, 1e-9)
    for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
        chance = (1 - _SLIPS) * usual(found.centre + found.spread * node) + _SLIPS / 2
        tail += weight * special.betainc(least, judged - count + 1, chance)
    return np.where(judged > 0, tail, 1.0)


def small_crowd(p_value: FloatArray, raters: int) -> FloatArray:
    """Return p-values that allow for how badly a small crowd tells its spread.

    The normal quantile of each is read as one of Student's t, with one degree of freedom less
    than raters.
    """
    # Rounding may have left a probability above 1; 0 has no quantile.
    normal = special.ndtri(np.clip(p_value, 1e-300, 1))
    return np.asarray(special.stdtr(max(1, raters - 1), normal), np.float64)


def both_sides(p_value: FloatArray) -> FloatArray:
    """Return two-sided p-values from the smaller of two one-sided ones."""
    return np.minimum(1.0, 2 * p_value)


def discoveries(p_value: FloatArray, rate: float) -> BoolArray:
    """Return which of many tests stand out, at most `rate` of them by chance on average.

    Benjamini & Hochberg 1995; where nothing is to be found, anything is found with probability
    `rate`. Any shape.
    """
    if not p_value.size:
        return np.zeros(p_value.shape, bool)
    adjusted = stats.false_discovery_control(np.minimum(p_value, 1.0), axis=None)
    return np.asarray(adjusted <= rate).reshape(p_value.shape)
