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
# Of scores and a metric: the direction in which they go together.
Axis = Callable[[FloatArray, FloatArray], FloatArray]
# Of the mean variance, added to each: rounded covariances may be a little short of definite.
_JITTER = 1e-6


@dataclass(frozen=True)
class Correlation:
    """A coefficient over so many methods, rounded; the interval is None where scores have none.

    `value` is that of the estimated scores. `low` to `high` holds the coefficient that these very
    methods' true scores have; it says nothing about other methods. Errors of scores draw `value`
    towards 0, so that it may lie outside.
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
    percentile of the coefficient over draws of the true scores (`interval_of_draws`), always from
    the same random numbers, in order of score whatever the methods are called. A coefficient over
    fewer than three methods, or where scores or metric are all equal, is left out.
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
    axis = (lambda _, metric: metric) if "pearson" in names else _rank_axis
    drawn = None if covariance is None else _draws(x, covariance, y, axis)
    return [_correlation(name, x, y, drawn, level) for name in names]


def _correlation(
    name: str, x: FloatArray, y: FloatArray, drawn: FloatArray | None, level: float
) -> Correlation:
    coefficient = COEFFICIENTS[name]
    value = round(float(coefficient(x[None, :], y)[0]), _DECIMALS)
    if drawn is None:
        return Correlation(name, value, None, None, len(x))
    low, high = (round(end, _DECIMALS) for end in interval_of_draws(coefficient(drawn, y), level))
    return Correlation(name, value, low, high, len(x))


def interval_of_draws(drawn: FloatArray, level: float) -> tuple[float, float]:
    """Return the first and last of drawn coefficients within the level, shape (draws,), none nan.

    Ranks give a coefficient few values, so that each has many draws. Half of those equal to an end
    count as beyond it (Parzen 2004): with all of them inside, intervals would hold more than they
    say. Nothing is beyond -1 and 1, so a perfect order counts whole.
    """
    values, counts = np.unique(drawn.round(9), return_counts=True)
    beyond = np.where(np.abs(values) < 1, counts / 2, 0)
    tail = (1 - level) / 2 * counts.sum()
    up, down = np.cumsum(counts) - beyond, np.cumsum(counts[::-1])[::-1] - beyond
    return float(values[np.argmax(up >= tail)]), float(values[np.flatnonzero(down >= tail)[-1]])


def _rank_axis(score: FloatArray, metric: FloatArray) -> FloatArray:
    """Return a direction by what ranks alone tell of a metric, whose own spacing means nothing.

    It is that of normal scores, by an eighth drawn towards the scores' monotone regression.
    """
    from scipy import optimize, special, stats  # slow to import; only boards with metrics need it

    ranks = stats.rankdata(metric)
    normal = special.ndtri((ranks - 0.5) / len(ranks))
    normal -= normal.mean()
    order = np.argsort(metric, kind="stable")
    rises = bool(normal @ score >= 0)
    fitted = np.empty(len(score))
    fitted[order] = optimize.isotonic_regression(score[order], increasing=rises).x
    level = np.unique(ranks, return_inverse=True)[1]
    shared = (np.bincount(level, fitted) / np.bincount(level))[level] * (1 if rises else -1)
    return 7 * _unit(normal) + _unit(shared - shared.mean())


def _draws(score: FloatArray, covariance: FloatArray, metric: FloatArray, axis: Axis) -> FloatArray:
    """Return draws of the true scores, shape (draws, methods).

    Places without an error, which are no scores, are the same in each.
    """
    unsure = np.flatnonzero(np.diag(covariance))
    draws: FloatArray = np.tile(score, (_DRAWS, 1))
    if len(unsure):
        known, part = score[unsure], covariance[np.ix_(unsure, unsure)]
        draws[:, unsure] = known.mean() + _true_scores(known, part, axis(known, metric[unsure]))
    return draws


def _true_scores(score: FloatArray, covariance: FloatArray, axis: FloatArray) -> FloatArray:
    """Return draws of true scores about their mean, given estimates with such errors.

    Along the metric's axis the truth is the estimate less an error. Estimates lie farther off the
    axis than true scores do, since errors add to their distance: so each draw asks which distance,
    with its error, gives the observed one (a generalized pivot, Weerahandi 1993); zero where the
    error alone is more. Where the truth lies at that distance follows from a normal model.
    """
    rng = np.random.default_rng(_SEED)
    factor = _factor(covariance).T
    prior, errors, again = (rng.standard_normal((_DRAWS, len(score))) for _ in range(3))
    unit = _unit(axis - axis.mean())
    along = (score - errors @ factor) @ unit
    error = _off(errors @ factor, unit)
    observed = _off(score[None, :], unit)[0]
    distance = _distances(observed, error)
    spread = distance[:, None] / np.sqrt(max(1, len(score) - 2))
    guess = spread * prior
    surprise = observed - _off(guess + again @ factor, unit)
    off = _off(guess + _shrunk(surprise, covariance, spread), unit)
    norms = np.linalg.norm(off, axis=1, keepdims=True)
    off *= np.divide(distance[:, None], norms, out=np.zeros_like(norms), where=norms > 0)
    return along[:, None] * unit + off


def _distances(observed: FloatArray, errors: FloatArray) -> FloatArray:
    """Return t >= 0 with |t d + error| = |observed| for each error, d being observed's direction.

    0 where there is none.
    """
    toward = errors @ _unit(observed)
    root = toward**2 - (errors**2).sum(axis=1) + observed @ observed
    distances: FloatArray = np.maximum(0, np.sqrt(np.maximum(0, root)) - toward) * (root > 0)
    return distances


def _shrunk(rows: FloatArray, covariance: FloatArray, spread: FloatArray) -> FloatArray:
    """Return what of each row a normal prior with its spread takes as true, beside such errors."""
    values, vectors = np.linalg.eigh(covariance)
    noise, signal = np.maximum(values, 0), spread**2
    share = np.divide(signal, signal + noise, out=np.ones_like(rows), where=signal + noise > 0)
    shrunk: FloatArray = (rows @ vectors * share) @ vectors.T
    return shrunk


def _off(rows: FloatArray, unit: FloatArray) -> FloatArray:
    """Return what of each row lies off its mean and off the axis."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    off: FloatArray = centred - (centred @ unit)[:, None] * unit
    return off


def _unit(vector: FloatArray) -> FloatArray:
    """Return the direction of a vector; zeros where it has none."""
    norm = float(np.linalg.norm(vector))
    direction: FloatArray = vector / norm if norm else vector
    return direction


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
