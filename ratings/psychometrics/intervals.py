"""How sure a fit is: covariance of the scores when raters and pictures are both clusters.

Judgments of one rater are alike (taste), and so are judgments of one picture, so treating them as
independent makes intervals far too narrow. The covariance here is the two-way cluster-robust one
(Cameron, Gelbach & Miller 2011), each way being a cluster jackknife (CR3: Bell & McCaffrey 2002)
blended with a two-number model of the same thing where clusters are few. docs/protocol.md has the
formulas. All matrices are computed in coordinates in which the Fisher information is 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph

from ratings.psychometrics.bradley_terry import information, win_probabilities
from ratings.psychometrics.tally import FloatArray, IntArray, Tally, cluster_count, win_matrix

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

# Matrices of this many numbers in all are worked on at once: 16 MB.
_CHUNK_NUMBERS = 2_000_000
# A cluster that alone carries a difference would divide by zero when left out; see `alone`.
_MOST_LEVERAGE = 1 - 1e-6
# No direction is credited with less than this share of what independent judgments would vary.
_LEAST_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What is known about the errors of scores with mean 0.

    `covariance`, shape (methods, methods), of the scores; `degrees_of_freedom` of Student's t for
    it; `raters` and `pictures` are effective numbers (equal shares of judgments would give as
    sure a result). `alone[i, j]` says that the difference of i and j rests on a single rater or
    a single picture, so that nothing can be known about its error.
    """

    covariance: FloatArray
    degrees_of_freedom: float
    raters: float
    pictures: float
    alone: BoolArray

    def difference_se(self) -> FloatArray:
        """Return the standard errors of all differences of two scores, 0 on the diagonal."""
        variance = np.diag(self.covariance)
        squared = variance[:, None] + variance[None, :] - 2 * self.covariance
        errors: FloatArray = np.sqrt(np.maximum(squared, 0))
        return errors


@dataclass(frozen=True, eq=False)
class _Way:
    """What one way of clustering (by rater, by picture) contributes; whitened coordinates."""

    effective: float
    jackknife: FloatArray
    spread: FloatArray  # what a unit variance of taste adds to the scores' scatter
    scatter: float  # sum of squared cluster scores, observed
    scatter_by_noise: float  # the same, expected from independent judgments alone
    scatter_by_spread: float  # the same, expected from a unit variance of taste


def uncertainty(tally: Tally, score: FloatArray) -> Uncertainty | None:
    """Return how sure the maximum likelihood scores of a tally are, or None with one cluster.

    `score`, shape (methods,), must be `bradley_terry.scores(tally.wins())`. With a single rater
    or a single picture no honest statement exists, so there is none.
    """
    if min(tally.raters, tally.pictures) < 2:
        return None
    probability = win_probabilities(score)
    wins = tally.wins()
    white = _white(information(wins + wins.T, probability))
    independent = _independent(tally.by_picture, probability, white)
    ways = [_way(table, probability, white) for table in (tally.by_rater, tally.by_picture)]
    # Judgments that share rater and picture are in both terms; taking away only their
    # independent part leaves their likeness counted twice: on the safe side.
    meat = sum((_blend(way, independent, len(score)) for way in ways), -independent)
    repaired = _repair(meat, _LEAST_SHARE * _dispersion(tally, probability))
    return Uncertainty(
        covariance=white @ repaired @ white.T,
        degrees_of_freedom=max(1, int(min(way.effective for way in ways)) - 1),
        raters=ways[0].effective,
        pictures=ways[1].effective,
        alone=_alone(tally.by_rater, len(score)) | _alone(tally.by_picture, len(score)),
    )


def _white(fisher: FloatArray) -> FloatArray:
    """Return K, shape (methods, methods - 1), with K' fisher K = 1 and columns that sum to 0."""
    values, vectors = np.linalg.eigh(fisher)
    whitening: FloatArray = vectors[:, 1:] / np.sqrt(values[1:])
    return whitening


def _squared_residuals(table: IntArray, probability: FloatArray) -> FloatArray:
    """Return, per row, the sum over its judgments of (outcome - probability) squared."""
    p = probability[table[:, 1], table[:, 2]]
    squares: FloatArray = (
        table[:, 3] * (1 - p) ** 2 + table[:, 4] * p**2 + table[:, 5] * (0.5 - p) ** 2
    )
    return squares


def _independent(table: IntArray, probability: FloatArray, white: FloatArray) -> FloatArray:
    """Return the judgment-level (heteroskedasticity-robust) variance of the scores."""
    size = len(probability)
    squares = _squared_residuals(table, probability)
    cells = np.bincount(table[:, 1] * size + table[:, 2], squares, minlength=size * size)
    weight = cells.reshape(size, size) + cells.reshape(size, size).T
    variance: FloatArray = white.T @ (np.diag(weight.sum(axis=1)) - weight) @ white
    return variance


def _dispersion(tally: Tally, probability: FloatArray) -> float:
    """Return observed over expected variance of a judgment; one even judgment is added to each.

    It is 1 without ties and less with them; the added one keeps it above 0 where all are ties.
    """
    table = tally.by_picture
    p = probability[table[:, 1], table[:, 2]]
    expected = (table[:, 3:].sum(axis=1) * p * (1 - p)).sum()
    observed = _squared_residuals(table, probability).sum()
    return min(1.0, float((observed + 0.25) / (expected + 0.25)))


def _way(table: IntArray, probability: FloatArray, white: FloatArray) -> _Way:
    """Sum up one way of clustering."""
    size, clusters = white.shape[1], cluster_count(table)
    judged = np.bincount(table[:, 0], table[:, 3:].sum(axis=1))
    jackknife, spread, leverage, square = (np.zeros((size, size)) for _ in range(4))
    scatter = mixed = 0.0
    for gradient, fisher in _clusters(table, probability):
        pull = gradient @ white
        inward = fisher @ white
        share = white.T @ inward
        left_out = np.linalg.solve(np.eye(size) - _MOST_LEVERAGE * share, pull[:, :, None])[..., 0]
        taste = inward.transpose(0, 2, 1) @ inward
        jackknife += left_out.T @ left_out * (clusters - 1) / clusters
        spread += taste.sum(axis=0)
        leverage += share.sum(axis=0)
        square += (share @ share).sum(axis=0)
        scatter += float((pull**2).sum())
        mixed += float((share * taste).sum())
    return _Way(
        effective=float(judged.sum() ** 2 / (judged**2).sum()),
        jackknife=jackknife,
        spread=spread,
        scatter=scatter,
        scatter_by_noise=float(np.trace(leverage) - np.trace(square)),
        scatter_by_spread=float(np.trace(spread) - 2 * mixed + (spread * square).sum()),
    )


def _clusters(table: IntArray, probability: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield gradients (clusters, methods) and Fisher matrices of clusters, some at a time."""
    size, clusters = len(probability), cluster_count(table)
    at_once = max(1, _CHUNK_NUMBERS // size**2)
    starts = np.searchsorted(table[:, 0], np.arange(0, clusters, at_once))
    for rows in np.split(table, starts[1:]):
        yield _chunk(rows, probability)


def _chunk(rows: IntArray, probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the gradients and Fisher matrices of the clusters in some rows."""
    cluster, first, second = rows[:, 0] - rows[0, 0], rows[:, 1], rows[:, 2]
    judged, p = rows[:, 3:].sum(axis=1), probability[first, second]
    clusters, size = int(cluster[-1]) + 1, len(probability)
    residual = rows[:, 3] + rows[:, 5] / 2 - judged * p
    place, cells = cluster * size, clusters * size
    gradient = np.bincount(place + first, residual, minlength=cells)
    gradient = gradient - np.bincount(place + second, residual, minlength=cells)
    fisher: FloatArray = np.zeros((clusters, size, size))
    fisher[cluster, first, second] = fisher[cluster, second, first] = -judged * p * (1 - p)
    diagonal = np.arange(size)
    fisher[:, diagonal, diagonal] = -fisher.sum(axis=2)
    return gradient.reshape(clusters, size).astype(np.float64, copy=False), fisher


def _blend(way: _Way, independent: FloatArray, size: int) -> FloatArray:
    """Blend the jackknife, which needs many clusters, with a model that needs few.

    The model: every cluster has tastes of equal variance, estimated by moments. Its weight is
    the number of methods over the effective number of clusters, at most 1.
    """
    noise = float(np.trace(independent)) / len(independent)
    excess = way.scatter - noise * way.scatter_by_noise
    variance = max(0.0, excess / way.scatter_by_spread) if way.scatter_by_spread > 0 else 0.0
    weight = min(1.0, size / way.effective)
    blended: FloatArray = weight * (independent + variance * way.spread)
    return blended + (1 - weight) * way.jackknife


def _repair(matrix: FloatArray, least: float) -> FloatArray:
    """Raise eigenvalues below `least` to it: differences of estimates may come out negative."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    repaired: FloatArray = (vectors * np.maximum(values, least)) @ vectors.T
    return repaired


def _alone(table: IntArray, size: int) -> BoolArray:
    """Return the pairs of methods that are no longer linked when some one cluster is left out."""
    wins = win_matrix(table, size)
    judged = wins + wins.T
    counts = table[:, 3:].sum(axis=1)
    sole = counts == judged[table[:, 1], table[:, 2]]
    alone = np.zeros((size, size), bool)
    for cluster in np.unique(table[sole, 0]):
        rest = judged.copy()
        rows = table[sole & (table[:, 0] == cluster)]
        rest[rows[:, 1], rows[:, 2]] = rest[rows[:, 2], rows[:, 1]] = 0
        label = csgraph.connected_components(rest > 0, directed=False)[1]
        alone |= label[:, None] != label[None, :]
    return alone
