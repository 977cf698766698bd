"""Cluster bootstrap: intervals from refits to resampled raters, pictures, or both.

An option beside the intervals of a fit, and the check of them: it assumes less about the shape of
tastes, but takes a random generator and has no correction for few clusters.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse, special

from ratings.psychometrics.bradley_terry import information, scores, win_probabilities
from ratings.psychometrics.intervals import BoolArray
from ratings.psychometrics.tally import FloatArray, IntArray, Tally, cluster_count

By = Literal["rater", "picture", "both"]

# Refits end when no score moves by more; that is far less than they differ from one another.
_ARRIVED, _MOST_STEPS = 1e-8, 200


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Refits to resampled clusters: `replicates`, shape (refits, methods), scores with mean 0.

    `score` are those of all judgments. `failed` refits, among the replicates asked for, had no
    finite scores (a method won all or lost all) and are left out.
    """

    methods: tuple[str, ...]
    score: FloatArray
    replicates: FloatArray
    failed: int

    def covariance(self) -> FloatArray:
        """Return the covariance of the scores, shape (methods, methods)."""
        return np.cov(self.replicates, rowvar=False)

    def intervals(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper ends of percentile intervals of the scores."""
        return _percentiles(self.replicates, level)

    def difference_intervals(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return the same for all differences, shape (methods, methods) each."""
        size = len(self.score)
        ends = np.zeros((2, size, size))
        for i in range(size):
            ends[:, i] = _percentiles(self.replicates[:, i, None] - self.replicates, level)
        return ends[0], ends[1]


def bootstrap(
    tally: Tally, replicates: int, rng: np.random.Generator, by: By = "both"
) -> Bootstrap:
    """Refit Bradley-Terry scores to resampled raters, pictures or both (ties as half wins).

    Each replicate draws as many clusters as there are, with replacement. "both" adds what each
    way changes in the counts: Owen's (2007) pigeonhole bootstrap, but for the product of both
    changes, which needs counts per rater and picture. All replicates are refitted at once by
    steps with the information of all judgments. Raises ValueError where the tally has no finite
    scores, or for fewer than two replicates or clusters.
    """
    if replicates < 2:
        raise ValueError("A bootstrap needs at least two replicates.")
    tables = [tally.by_rater] * (by != "picture") + [tally.by_picture] * (by != "rater")
    if min(map(cluster_count, tables)) < 2:
        raise ValueError("A bootstrap needs at least two clusters to draw from.")
    wins = tally.wins()
    first, second = np.nonzero(np.triu(wins + wins.T, 1))
    score = scores(wins)
    counts = np.stack([wins[first, second], wins[second, first]])[:, None, :]
    resampled = counts + sum(
        _changes(table, (first, second), len(score), replicates, rng) for table in tables
    )
    found, arrived = _refitted(score, wins, (first, second), resampled)
    return Bootstrap(tally.methods, score, found[arrived], int((~arrived).sum()))


def _changes(
    table: IntArray,
    pairs: tuple[IntArray, IntArray],
    size: int,
    replicates: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return what drawing clusters anew adds to both sides' wins, (2, replicates, pairs)."""
    clusters = cluster_count(table)
    share = np.full(clusters, 1 / clusters)
    change = rng.multinomial(clusters, share, size=replicates).astype(np.float64) - 1
    column = np.searchsorted(pairs[0] * size + pairs[1], table[:, 1] * size + table[:, 2])
    won = (table[:, 3] + table[:, 5] / 2, table[:, 4] + table[:, 5] / 2)
    shape = (clusters, len(pairs[0]))
    sides = [sparse.csr_array((side, (table[:, 0], column)), shape=shape) for side in won]
    return np.stack([np.asarray(change @ side) for side in sides])


def _refitted(
    score: FloatArray,
    wins: FloatArray,
    pairs: tuple[IntArray, IntArray],
    resampled: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Climb from the scores of all judgments to those of each replicate; say which arrived."""
    first, second = pairs
    fisher = information(wins + wins.T, win_probabilities(score))
    inverse = np.linalg.pinv(fisher, hermitian=True)
    # A judgment more or less of a pair moves all scores by these amounts.
    moves = inverse[first] - inverse[second]
    found = np.repeat(score[None, :], resampled.shape[1], axis=0)
    judged, won = resampled.sum(axis=0), resampled[0]
    moving, steps = np.arange(len(found)), 0
    while len(moving) and steps < _MOST_STEPS:
        at = found[moving]
        expected = special.expit(at[:, first] - at[:, second])
        step = (won[moving] - judged[moving] * expected) @ moves
        found[moving] += step
        moving, steps = moving[np.abs(step).max(axis=1) > _ARRIVED], steps + 1
    for replicate in moving:
        found[replicate] = _one_by_one(len(score), pairs, resampled[:, replicate])
    return found, ~np.isnan(found[:, 0])


def _one_by_one(size: int, pairs: tuple[IntArray, IntArray], sides: FloatArray) -> FloatArray:
    """Return the scores of a replicate that the common steps didn't reach, nan if none exist."""
    wins = np.zeros((size, size))
    wins[pairs], wins[pairs[::-1]] = sides
    try:
        return scores(wins) if (sides >= 0).all() else np.full(size, np.nan)
    except ValueError:
        return np.full(size, np.nan)


def _percentiles(values: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high
