"""How well a metric goes with human scores over methods, and what the scores' errors leave open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ratings.psychometrics.tally import FloatArray

DECIMALS = 3
LEAST_METHODS = 3
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
    level: float = 0.95,
) -> list[Correlation]:
    """Return Spearman's rho, Kendall's tau-b and Pearson's r of human scores and a metric.

    `score`, shape (methods,), and `covariance`, shape (methods, methods), are a ranking's; methods
    whose metric is None or not finite are left out. The interval goes from the lower to the upper
    percentile of the coefficient over draws from N(score, covariance), always the same ones, in
    order of score whatever the methods are called. Empty with fewer than three methods, or where
    scores or metric are all equal.
    """
    values = np.array([np.nan if value is None else value for value in metric], np.float64)
    scores = np.asarray(score, np.float64)
    kept = np.flatnonzero(np.isfinite(values))
    kept = kept[np.lexsort((values[kept], -scores[kept]))]
    x, y = scores[kept], values[kept]
    if len(kept) < LEAST_METHODS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return []
    drawn = None
    if covariance is not None:
        drawn = _draws(x, np.asarray(covariance, np.float64)[np.ix_(kept, kept)])
    return [_correlation(name, x, y, drawn, level) for name in COEFFICIENTS]


def _correlation(
    name: str, x: FloatArray, y: FloatArray, drawn: FloatArray | None, level: float
) -> Correlation:
    coefficient = COEFFICIENTS[name]
    value = round(float(coefficient(x[None, :], y)[0]), DECIMALS)
    if drawn is None:
        return Correlation(name, value, None, None, len(x))
    ends = np.quantile(coefficient(drawn, y), [(1 - level) / 2, (1 + level) / 2])
    low, high = (round(float(end), DECIMALS) for end in ends)
    return Correlation(name, value, low, high, len(x))


def _draws(score: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return draws of the scores, shape (draws, methods).

    A common shift of all scores, which changes no coefficient, makes the covariance definite, so
    that it has a single Cholesky factor: eigenvectors would have arbitrary signs.
    """
    size, scale = len(score), float(np.diag(covariance).mean())
    definite = covariance + scale * (1 + _JITTER * np.eye(size))
    normal = np.random.default_rng(_SEED).standard_normal((_DRAWS, size))
    draws: FloatArray = score + normal @ np.linalg.cholesky(definite).T
    return draws


def _pearson(rows: FloatArray, y: FloatArray) -> FloatArray:
    """Return Pearson's r of each row with y."""
    x = rows - rows.mean(axis=1, keepdims=True)
    z = y - y.mean()
    norms = np.sqrt((x**2).sum(axis=1) * (z**2).sum())
    coefficients: FloatArray = (x @ z) / norms
    return coefficients


def _spearman(rows: FloatArray, y: FloatArray) -> FloatArray:
    """Return Spearman's rho of each row with y: Pearson's r of ranks, equal values sharing one."""
    return _pearson(stats.rankdata(rows, axis=1), stats.rankdata(y))


def _kendall(rows: FloatArray, y: FloatArray) -> FloatArray:
    """Return Kendall's tau-b of each row with y (Kendall 1945)."""
    first, second = np.triu_indices(len(y), 1)
    x = np.sign(rows[:, first] - rows[:, second])
    z = np.sign(y[first] - y[second])
    norms = np.sqrt((x**2).sum(axis=1) * (z**2).sum())
    coefficients: FloatArray = (x @ z) / norms
    return coefficients


COEFFICIENTS: Mapping[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "spearman": _spearman,
    "kendall": _kendall,
    "pearson": _pearson,
}
