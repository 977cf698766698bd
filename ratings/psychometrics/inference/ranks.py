"""What can be said of all methods at once: bands, distinguishable pairs, rank sets, groups.

Each statement needs the distribution of the largest of many correlated errors. It is found by
Monte Carlo from the estimated covariance, with draws that are the same everywhere and always, and
that belong to places in the order of scores, so that names change nothing. docs/scoring.md says
exactly what is claimed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray

DRAWS = 4096
_SEED = 20180618
# As many pairs are worked on at once: 8 MB with all their draws.
_AT_ONCE = 256


def simulated_errors(score: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return draws of the scores' errors, shape (methods, `DRAWS`), normal with mean 0.

    Methods with equal scores are put in order of variance: names play no part.
    """
    size = len(score)
    variance = np.diag(covariance) / max(1e-300, np.diag(covariance).max())
    order = np.lexsort((variance.round(9), -score.round(9)))
    ordered = covariance[np.ix_(order, order)]
    # Against the first method: what is left has full rank.
    against = ordered - ordered[:1] - ordered[:, :1] + ordered[0, 0]
    errors = np.zeros((size, DRAWS))
    errors[1:] = np.linalg.cholesky(against[1:, 1:]) @ _normal_draws(size - 1)
    errors -= errors.mean(axis=0)
    unordered = np.empty_like(errors)
    unordered[order] = errors
    return unordered


@lru_cache(maxsize=8)
def _normal_draws(rows: int) -> FloatArray:
    """Return standard normal draws from the generator's raw bits: no version changes those."""
    bits = np.random.PCG64(_SEED).random_raw(rows * DRAWS) >> np.uint64(11)
    draws: FloatArray = special.ndtri((bits + 0.5) * 2.0**-53).reshape(rows, DRAWS)
    draws.flags.writeable = False
    return draws


def margins(largest: FloatArray, degrees_of_freedom: FloatArray, level: float) -> FloatArray:
    """Return the half-widths, in standard errors, of intervals that all hold at once.

    `largest`, shape (draws,), are the largest errors in standard errors; the result has the shape
    of `degrees_of_freedom`. Student's t with the
    given degrees of freedom takes the place of the normal at equal tail probability.
    """
    normal = float(np.quantile(largest, level, method="higher"))
    return np.asarray(-special.stdtrit(degrees_of_freedom, special.ndtr(-normal)), np.float64)


def band_margins(
    errors: FloatArray, se: FloatArray, degrees_of_freedom: FloatArray, level: float
) -> FloatArray:
    """Return the margins, in standard errors, of a band that holds all scores at once.

    All have shape (methods,), `errors` (methods, draws). Methods whose `se` is nan have none.
    """
    known = ~np.isnan(se)
    if not known.any():
        return np.full(len(se), np.nan)
    largest = np.abs(errors[known] / se[known, None]).max(axis=0)
    return np.where(known, margins(largest, degrees_of_freedom, level), np.nan)


def distinguishable(
    errors: FloatArray,
    score: FloatArray,
    se: FloatArray,
    degrees_of_freedom: FloatArray,
    level: float,
) -> BoolArray:
    """Return apart[i, j], symmetric: which pairs are in the order of their scores, all at once.

    `score` is in order, best first; `se` and `degrees_of_freedom`, shape (methods, methods), are
    those of differences, nan where nothing is known. With probability `level` no pair told apart
    is in truth the other way round. Step-down max t (Romano & Wolf 2005), one-sided: a pair can
    be wrong in one direction only. Each pair told apart has an interval of its own without 0.
    """
    apart = np.zeros((len(score), len(score)), bool)
    # A comparison with nan is false: pairs of which nothing is known are left out.
    first, second = np.nonzero(np.triu(se > 0, 1))
    pairs = _Pairs(errors, first, second, se[first, second])
    lead = (score[first] - score[second]) / pairs.error
    lead = -special.ndtri(special.stdtr(degrees_of_freedom[first, second], -lead))
    clear = _clear(pairs, lead, level)
    apart[first[clear], second[clear]] = apart[second[clear], first[clear]] = True
    return apart


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of methods, the better one first, with draws of the errors of all scores."""

    errors: FloatArray
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    error: FloatArray

    def overtaken(self, part: NDArray[np.intp]) -> FloatArray:
        """Return by how many standard errors the second comes out too far ahead, (part, draws)."""
        by: FloatArray = self.errors[self.second[part]] - self.errors[self.first[part]]
        by /= self.error[part, None]
        return by


def _clear(pairs: _Pairs, lead: FloatArray, level: float) -> BoolArray:
    """Say which pairs are told apart, given their leads in standard errors of a normal.

    A pair is, if among all pairs with no larger lead the worst overtaking seldom exceeds its
    lead, and if all pairs with larger leads are (Westfall & Young 1993).
    """
    order = np.argsort(lead, kind="stable")
    # Below the first limit a pair's own interval holds 0; above the second, even the sum of all
    # pairs' doubts (Bonferroni) is small enough.
    limits = -special.ndtri([(1 - level) / 2, (1 - level) / max(1, len(lead))])
    own, sure = np.searchsorted(lead[order], np.maximum.accumulate(limits))
    worst = np.full(pairs.errors.shape[1], -np.inf)
    for start in range(0, own, _AT_ONCE):
        part = order[start : min(own, start + _AT_ONCE)]
        np.maximum(worst, pairs.overtaken(part).max(axis=0), out=worst)
    clear_from = own
    for place in range(own, sure):
        np.maximum(worst, pairs.overtaken(order[place : place + 1])[0], out=worst)
        if np.count_nonzero(worst > lead[order[place]]) + 1 > (1 - level) * (len(worst) + 1):
            clear_from = place + 1
    clear = np.zeros(len(lead), bool)
    clear[order[clear_from:]] = True
    return clear


def rank_sets(apart: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the best and the worst rank of each method, (methods,) each; `apart` is by score.

    They are 1 plus the number of clearly better ones, and the number of methods less that of the
    clearly worse ones.
    """
    better = np.triu(apart, 1)
    return 1 + better.sum(axis=0), len(apart) - better.sum(axis=1)


def groups(apart: BoolArray) -> list[tuple[int, int]]:
    """Return the longest runs [start, end) of two or more in which no two are told apart."""
    size = len(apart)
    # The first later method that is told apart from some one of those from `start` on.
    nearest = [
        min((j for j in range(i + 1, size) if apart[i, j]), default=size) for i in range(size)
    ]
    ends = [min(nearest[start:]) for start in range(size)]
    runs = zip(range(size), ends, [0, *ends], strict=False)
    return [(start, end) for start, end, before in runs if end > max(before, start + 1)]
