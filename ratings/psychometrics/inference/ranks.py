"""What can be said of all methods at once: bands, distinguishable pairs, rank sets, groups.

Each statement needs the distribution of the largest of many correlated errors. It is found by
Monte Carlo from the estimated covariance, with draws that are the same everywhere and always, and
that belong to places in the order of scores, so that names change nothing. docs/scoring.md says
exactly what is claimed.
"""

from functools import lru_cache

import numpy as np
from scipy import special
from scipy.linalg import blas

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray

DRAWS = 4096
_SEED = 20180618
# Rows of draws that are made together, and kept, and errors that are worked on at once: 2 MB each.
_ROWS, _AT_ONCE = 64, 1 << 18


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
    root = np.zeros((size, size), order="F")
    root[1:, 1:] = np.linalg.cholesky(against[1:, 1:])
    errors = np.zeros((DRAWS, size))  # the methods of a draw beside each other
    for start in range(1, size, _ROWS):
        into = errors[:, start : start + _ROWS]
        into[:] = _normal_draws(start // _ROWS)[: into.shape[1]].T
    errors = blas.dtrmm(1.0, root, errors.T, lower=1, overwrite_b=1).T
    for some in np.array_split(errors, max(1, errors.size // _AT_ONCE)):
        some[:, order] = some - some.mean(axis=1, keepdims=True)
    return errors.T


@lru_cache(maxsize=4)
def _normal_draws(number: int) -> FloatArray:
    """Return the so many-th block of standard normal draws, (rows, `DRAWS`), read-only.

    They come from the generator's raw bits: no version changes those.
    """
    generator = np.random.PCG64(_SEED).advance(number * _ROWS * DRAWS)
    bits = generator.random_raw(_ROWS * DRAWS) >> np.uint64(11)
    draws: FloatArray = special.ndtri((bits + 0.5) * 2.0**-53).reshape(_ROWS, DRAWS)
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
    largest = np.concatenate(
        [
            np.abs(some[:, known] / se[known]).max(axis=1)
            for some in np.array_split(errors.T, max(1, errors.size // _AT_ONCE))
        ]
    )
    return np.where(known, margins(largest, degrees_of_freedom, level), np.nan)


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
