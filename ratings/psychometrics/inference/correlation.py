"""How well a metric goes with human scores over methods, and what the scores' errors leave open."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ratings.psychometrics.arrays import FloatArray

_DECIMALS = 3
_LEAST_METHODS = 3
_DRAWS, _SEED = 2000, 20180420
# Of the mean variance, added to each: rounded covariances may be a little short of definite.
_JITTER = 1e-6


@dataclass(frozen=True)
class Correlation:
    """A coefficient over so many methods, rounded; the interval is None where scores have none.

    `low` to `high` is what the human scores' errors leave open for these very methods; it says
    nothing about other methods.
    """

    coefficient: str
    value: float
    low: float | None
    high: float | None
    methods: int


def correlations(
    score: ArrayLike,
    covariance: ArrayLike | None,
    metric: Sequence[float | None],
    *,
    rank: Sequence[int] = (),
    level: float = 0.95,
) -> list[Correlation]:
    """Return Spearman's rho, Kendall's tau-b and Pearson's r of human scores and a metric.

    `score`, shape (methods,), is a ranking's; nan for a method that has none but a `rank`, which
    is then that of each method. `covariance`, shape (scores, scores), is that of the scores there
    are. Methods whose metric is None are left out, and of Pearson's r those whose score or metric
    isn't finite: ranks have a place for them. The interval goes from the lower to the upper
    percentile of the coefficient over draws from N(score, covariance), always the same ones, in
    order of score whatever the methods are called. A coefficient over fewer than three methods, or
    where scores or metric are all equal, is left out.
    """
    values = np.array([np.nan if value is None else value for value in metric], np.float64)
    scores = np.asarray(score, np.float64)
    places, scored = _places(scores, rank), ~np.isnan(scores)
    errors = np.zeros((len(scores), len(scores)))
    if covariance is not None:
        errors[np.ix_(scored, scored)] = covariance
    results = []
    known, finite = ~np.isnan(values), scored & np.isfinite(values)
    for some, names in ((known, ("spearman", "kendall")), (finite, ("pearson",))):
        kept = np.flatnonzero(some)
        kept = kept[np.lexsort((values[kept], -places[kept]))]
        part = None if covariance is None else errors[np.ix_(kept, kept)]
        results += _correlations(names, places[kept], values[kept], part, level)
    return results


def _places(score: FloatArray, rank: Sequence[int]) -> FloatArray:
    """Return scores; for a method without one a number that keeps the order of ranks.

    It is that of the next score in rank, or farther away than draws of scores go.
    """
    scored = ~np.isnan(score)
    if scored.all():
        return score
    ranks = np.asarray(rank)
    order = np.flatnonzero(scored)[np.argsort(ranks[scored], kind="stable")]
    far = 1e6 * (1 + np.abs(score[scored]).max(initial=0))
    places = score.copy()
    for i in np.flatnonzero(~scored):
        after = order[ranks[order] >= ranks[i]]
        if (len(after) and len(after) < len(order)) or ranks[i] in ranks[order]:
            places[i] = score[after[0]]
        else:
            places[i] = (far if len(after) else -far) - ranks[i]
    return places


def _correlations(
    names: Sequence[str], x: FloatArray, y: FloatArray, covariance: FloatArray | None, level: float
) -> list[Correlation]:
    if len(x) < _LEAST_METHODS or len(np.unique(x)) == 1 or len(np.unique(y)) == 1:
        return []
    drawn = None if covariance is None else _draws(x, covariance)
    return [_correlation(name, x, y, drawn, level) for name in names]


def _correlation(
    name: str, x: FloatArray, y: FloatArray, drawn: FloatArray | None, level: float
) -> Correlation:
    coefficient = COEFFICIENTS[name]
    value = round(float(coefficient(x[None, :], y)[0]), _DECIMALS)
    if drawn is None:
        return Correlation(name, value, None, None, len(x))
    ends = np.quantile(coefficient(drawn, y), [(1 - level) / 2, (1 + level) / 2])
    low, high = (round(float(end), _DECIMALS) for end in ends)
    return Correlation(name, value, low, high, len(x))


def _draws(score: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return draws of the scores, shape (draws, methods).

    A common shift of all scores, which changes no coefficient, makes the covariance definite, so
    that it has a single Cholesky factor: eigenvectors would have arbitrary signs.
    Places without an error, which are no scores, are the same in each.
    """
    unsure = np.flatnonzero(np.diag(covariance))
    draws: FloatArray = np.tile(score, (_DRAWS, 1))
    if len(unsure):
        factor = _factor(covariance[np.ix_(unsure, unsure)])
        normal = np.random.default_rng(_SEED).standard_normal((_DRAWS, len(unsure)))
        draws[:, unsure] = score[unsure] + normal @ factor.T
    return draws


def _factor(covariance: FloatArray) -> FloatArray:
    """Return the Cholesky factor of a covariance, definite but for rounding, with a common shift.

    Where rounding has left it further from definite, more is added to its diagonal.
    """
    shift = float(np.diag(covariance).mean())
    for jitter in _JITTER * 10.0 ** np.arange(12):
        with suppress(np.linalg.LinAlgError):
            definite = covariance + shift * (1 + jitter * np.eye(len(covariance)))
            return np.linalg.cholesky(definite)
    raise ValueError("This is no covariance: it is far from definite.")


def _pearson(rows: FloatArray, y: FloatArray) -> FloatArray:
    """Return Pearson's r of each row with y."""
    x = rows - rows.mean(axis=1, keepdims=True)
    z = y - y.mean()
    norms = np.sqrt((x**2).sum(axis=1) * (z**2).sum())
    coefficients: FloatArray = (x @ z) / norms
    return coefficients


def _spearman(rows: FloatArray, y: FloatArray) -> FloatArray:
    """Return Spearman's rho of each row with y: Pearson's r of ranks, equal values sharing one."""
    from scipy import stats  # the slowest import of all; only boards with metrics need it

    return _pearson(stats.rankdata(rows, axis=1), stats.rankdata(y))


def _kendall(rows: FloatArray, y: FloatArray) -> FloatArray:
    """Return Kendall's tau-b of each row with y (Kendall 1945)."""
    first, second = np.triu_indices(len(y), 1)
    x = np.sign(rows[:, first] - rows[:, second])
    z = np.sign(np.greater(y[first], y[second]) * 1.0 - np.less(y[first], y[second]))
    norms = np.sqrt((x**2).sum(axis=1) * (z**2).sum())
    coefficients: FloatArray = (x @ z) / norms
    return coefficients


COEFFICIENTS: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "spearman": _spearman,
    "kendall": _kendall,
    "pearson": _pearson,
}
