"""Which pairs of methods are told apart, all taken together: step-down max t without all pairs.

How often some pair comes out the wrong way round follows from the largest of many correlated errors
(Romano & Wolf 2005). A thousand methods have half a million pairs, with thousands of draws each.
But where a pair's error is large, that of one of its two methods is, and there are few such methods
in a draw: only their pairs are looked at, and the result is that of all pairs.
"""

from collections.abc import Iterator
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray

# Up to here looking at all pairs, each once, is quicker.
_FEW_METHODS = 90
# Errors that are worked on at once: 2 MB.
_AT_ONCE = 1 << 18
# The bound on a method's share of an error holds exactly; this is more than rounding adds to it.
_ROUNDING = 1e-9

_Index = NDArray[np.intp]
_Limits = tuple[float, float]
_Sides = tuple[tuple[int, FloatArray], tuple[int, FloatArray]]


def distinguishable(
    errors: FloatArray,
    score: FloatArray,
    se: FloatArray,
    degrees_of_freedom: FloatArray,
    level: float,
) -> BoolArray:
    """Return apart[i, j], symmetric: which pairs are in the order of their scores, all at once.

    `errors` are draws of the scores' errors, shape (methods, draws); `score` is in order, best
    first; `se` and `degrees_of_freedom`, shape (methods, methods), are those of differences, nan
    where nothing is known. With probability `level` no pair told apart is in truth the other way
    round. Step-down max t (Romano & Wolf 2005), one-sided: a pair can be wrong in one direction
    only. Each pair told apart has an interval of its own without 0.
    """
    # A comparison with nan is false: pairs of which nothing is known are left out.
    known = np.triu(se > 0, 1)
    error = np.where(known, se, np.inf)
    lead = np.where(known, (score[:, None] - score) / error, -np.inf)
    # Below the first limit a pair's own interval holds 0; above the second, even the sum of all
    # pairs' doubts (Bonferroni) is small enough.
    doubts = [(1 - level) / 2, (1 - level) / max(1, int(known.sum()))]
    own, sure = np.maximum.accumulate(-special.ndtri(doubts))
    tested = lead >= own  # a lead that is too small for a normal is so for Student's t
    tails = special.stdtr(degrees_of_freedom[tested], -lead[tested])
    lead[tested] = -special.ndtri(tails)
    limits = float(own), float(sure)
    seldom = floor((1 - level) * (errors.shape[1] + 1))
    least_lead = _least_lead_of_few if len(score) <= _FEW_METHODS else _least_lead
    apart = lead >= least_lead(errors.T, error, lead, limits, seldom)
    return np.asarray(apart | apart.T)


def _least_lead(
    draws: FloatArray, error: FloatArray, lead: FloatArray, limits: _Limits, seldom: int
) -> float:
    """Return the lead, in standard errors of a normal, from which on pairs are told apart.

    A pair is, if among all pairs with no larger lead the worst overtaking exceeds its lead fewer
    than `seldom` times, and if all pairs with larger leads are (Westfall & Young 1993). So those
    are whose lead the worst of all pairs seldom exceeds, then those whose lead the worst of the
    others does.
    """
    own, least = limits
    spread = np.sqrt(np.einsum("ij,ij->j", draws, draws)) + np.finfo(float).tiny
    while seldom:
        error = np.where(lead < least, error, np.inf)
        exceeded = _exceeded(draws, error, spread, seldom, own)
        if not ((lead >= exceeded) & (lead < least)).any():
            break
        least = exceeded
    return least


def _least_lead_of_few(
    draws: FloatArray, error: FloatArray, lead: FloatArray, limits: _Limits, seldom: int
) -> float:
    """Return the same by going from pair to pair, that with the smallest lead first."""
    least, sure = limits
    pairs = np.nonzero((lead < sure) & np.isfinite(error))
    order = np.argsort(lead[pairs], kind="stable")
    first, second = (side[order] for side in pairs)
    leads, errors, scale = lead[first, second], np.ascontiguousarray(draws.T), error[first, second]
    worst, tested = np.zeros(len(draws)), int(np.searchsorted(leads, least))
    at_once = max(1, _AT_ONCE // len(draws))
    for start in range(0, tested, at_once):
        some = slice(start, min(tested, start + at_once))
        by = errors[second[some]] - errors[first[some]]
        np.maximum(worst, (by / scale[some, None]).max(axis=0), out=worst)
    for place in range(tested, len(leads)):
        by = errors[second[place]] - errors[first[place]]
        np.maximum(worst, by / scale[place], out=worst)
        if np.count_nonzero(worst > leads[place]) >= seldom:
            least = float(np.nextafter(leads[place], np.inf))
    return least


def _exceeded(
    draws: FloatArray, error: FloatArray, spread: FloatArray, times: int, least: float
) -> float:
    """Return what a draw's worst overtaking exceeds fewer than `times`, but no less than `least`.

    It is the largest (e[j] - e[i]) / error[i, j] of a draw e, shape (methods,). Methods have shares
    in proportion to `spread`, of which no two add up to more than the error of their pair: where
    that is exceeded c times, one of the two methods is off by more than c times its own share.
    """
    share = (1 - _ROUNDING) * spread * (error / (spread[:, None] + spread)).min()
    sides = (1, np.ascontiguousarray(error.T)), (-1, error)  # too far ahead, and too far behind
    worst = np.full(len(draws), least)
    for some, off, error_of in _blocks(draws, worst, sides):
        furthest = (off / share).argmax(axis=1)
        _overtake(some, off, error_of, np.arange(len(off)), furthest)
    # As much is exceeded often enough by a few pairs of each draw.
    bound = _largest(worst, times) * share
    for some, off, error_of in _blocks(draws, worst, sides):
        _overtake(some, off, error_of, *np.nonzero(off > bound))
    return _largest(worst, times)


def _blocks(
    draws: FloatArray, worst: FloatArray, sides: _Sides
) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
    """Yield some draws at a time: their `worst`, how far methods are off to a side, its errors."""
    at_once = max(1, _AT_ONCE // draws.shape[1])
    for start in range(0, len(draws), at_once):
        block = slice(start, start + at_once)
        for sign, error in sides:
            yield worst[block], sign * draws[block], error


def _overtake(
    worst: FloatArray, off: FloatArray, error: FloatArray, draw: _Index, method: _Index
) -> None:
    """Raise `worst`, (draws,), by the errors of all pairs of some methods, each in some draw."""
    at_once = max(1, _AT_ONCE // len(error))
    for start in range(0, len(draw), at_once):
        some, one = draw[start : start + at_once], method[start : start + at_once]
        overtaking = off[some, one][:, None] - off[some]
        overtaking /= error[one]
        np.maximum.at(worst, some, overtaking.max(axis=1))


def _largest(values: FloatArray, place: int) -> float:
    """Return the largest value but for `place` - 1."""
    return float(np.partition(values, -place)[-place])
