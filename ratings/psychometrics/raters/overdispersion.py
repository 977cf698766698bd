"""Overdispersion: how far single raters stand out, where raters differ by nature.

A rater's total T (of residuals, say) has the sampling variance V. Raters have tastes, so it also
varies by s^2 W^2, where s is the standard deviation of tastes, which is estimated from the crowd,
and W the sensitivity of the total to taste.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray

# The median of the square of a standard normal variable.
_MEDIAN_SQUARE = float(2 * special.gammaincinv(0.5, 0.5))
# What lies farther from the middle than this many robust standard deviations is set aside.
_OUTLYING = 3.5
# Honest raters slip in this share of answers, and then flip a coin.
_SLIPS = 0.03
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)


@dataclass(frozen=True, eq=False)
class Overdispersion:
    """Standardized totals: `z` has the shape of the totals, 0 where there is nothing to tell.

    `centre` and `heterogeneity` are the mean and the standard deviation of the crowd's tastes.
    """

    z: FloatArray
    centre: float
    heterogeneity: float


def overdispersion(
    total: FloatArray, sampling_variance: FloatArray, sensitivity: FloatArray
) -> Overdispersion:
    """Return totals standardized by the crowd's own heterogeneity, the same shape.

    All arrays have one shape; entries without sampling variance are left out, with a z of 0.
    z = (T - c W) / sqrt(V + s^2 W^2) with c the median of T / W, and s^2 >= 0 such that the median
    of z^2 is that of a standard normal variable's square: bad raters, while fewer than half, can't
    hide in medians.
    """
    known = (sampling_variance > 0) & (sensitivity > 0)
    if not known.any():
        return Overdispersion(np.zeros(total.shape), 0.0, 0.0)
    t, v, w = total[known], sampling_variance[known], sensitivity[known]
    centre = float(np.median(t / w))
    variance = _taste_variance((t - centre * w) ** 2, v, w**2)
    return _standardized(total, sampling_variance, sensitivity, centre, variance)


def pooled_overdispersion(
    total: FloatArray, sampling_variance: FloatArray, sensitivity: FloatArray
) -> Overdispersion:
    """Return the same for many totals of few judgments each, from pooled moments.

    Medians of nearly discrete totals tell nothing. What stands out at first is set aside.
    """
    known = (sampling_variance > 0) & (sensitivity > 0)
    rough = np.where(known, total, 0.0) / np.sqrt(np.where(known, sampling_variance, 1.0))
    if known.any():
        middle = np.median(rough[known])
        scale = max(1.0, 1.4826 * float(np.median(np.abs(rough[known] - middle))))
        known &= np.abs(rough - middle) <= _OUTLYING * scale
    if not known.any():
        return Overdispersion(np.zeros(total.shape), 0.0, 0.0)
    t, v, w = total[known], sampling_variance[known], sensitivity[known]
    centre = float(t.sum() / w.sum())
    # Less its own standard error: what a few judgments can't tell counts as chance.
    beyond = (t - centre * w) ** 2 - v
    least = beyond.sum() - np.sqrt((beyond**2).sum())
    variance = max(0.0, float(least / (w**2).sum()))
    return _standardized(total, sampling_variance, sensitivity, centre, variance)


def _standardized(
    total: FloatArray,
    sampling_variance: FloatArray,
    sensitivity: FloatArray,
    centre: float,
    variance: float,
) -> Overdispersion:
    error = np.sqrt(sampling_variance + variance * sensitivity**2)
    z = np.where(error > 0, (total - centre * sensitivity) / np.where(error > 0, error, 1.0), 0.0)
    return Overdispersion(z, centre, float(np.sqrt(variance)))


def _taste_variance(squared_error: FloatArray, v: FloatArray, w2: FloatArray) -> float:
    """Return s^2 such that the median of the squared z is a chi-squared variable's."""

    def gap(variance: float) -> float:
        return float(np.median(squared_error / (v + variance * w2))) - _MEDIAN_SQUARE

    if gap(0.0) <= 0:
        return 0.0
    from scipy import optimize  # slow to import, and most rankings ask nothing of raters

    most = float((squared_error / w2).max()) / _MEDIAN_SQUARE
    return float(optimize.brentq(gap, 0.0, most))


def count_tail(
    count: FloatArray,
    judged: FloatArray,
    usual: Callable[[float], FloatArray],
    crowd: Overdispersion,
) -> FloatArray:
    """Return the chance that an honest rater reaches at least `count` of `judged`, their shape.

    `usual(taste)` is the mean probability of one where the rater has that taste; tastes are
    normal, with the crowd's centre and spread. Given a taste the count is taken as binomial,
    which has the wider tails when the probabilities are unequal (Hoeffding 1956). A half is
    half a count. 1 where nothing was judged.
    """
    tail = np.zeros(count.shape)
    least = np.maximum(count, 1e-9)
    for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
        chance = (1 - _SLIPS) * usual(crowd.centre + crowd.heterogeneity * node) + _SLIPS / 2
        tail += weight * special.betainc(least, judged - count + 1, chance)
    return np.where(judged > 0, tail, 1.0)


def t_reference(p_value: FloatArray, raters: int) -> FloatArray:
    """Return p-values that allow for how badly a small crowd tells its heterogeneity.

    The normal quantile of each is read as one of Student's t, with one degree of freedom less
    than raters. Same shape.
    """
    # Rounding may have left a probability above 1; 0 has no quantile.
    normal = special.ndtri(np.clip(p_value, 1e-300, 1))
    return np.asarray(special.stdtr(max(1, raters - 1), normal), np.float64)


def both_sides(p_value: FloatArray) -> FloatArray:
    """Return two-sided p-values from the smaller of two one-sided ones, the same shape."""
    return np.minimum(1.0, 2 * p_value)


def fdr(p_value: FloatArray, rate: float) -> BoolArray:
    """Return which of many tests are discoveries at this false discovery rate, the same shape.

    Benjamini & Hochberg 1995; where no test has an effect, there is a discovery with probability
    `rate`.
    """
    ordered = np.sort(p_value, axis=None)
    adjusted = ordered * (len(ordered) / np.arange(1, len(ordered) + 1))
    below = ordered[adjusted <= rate]
    # Discoveries are all that are no larger than the largest one whose adjusted value is small.
    return np.asarray(p_value <= below.max(initial=-1.0))
