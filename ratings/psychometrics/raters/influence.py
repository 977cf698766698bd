"""Influence: what becomes of the scores when a rater, or a picture, is left out."""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.counts.tally import win_matrix
from ratings.psychometrics.model.bradley_terry import information, linked, win_probabilities

_ARRIVED = 1e-9
_MAX_ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Influence:
    """The scores without each cluster (rater or picture), and what that changes.

    `without`, shape (clusters, methods), are scores with mean 0; `largest`, shape (clusters,), is
    the largest change of a score in log odds; `moved` counts the methods whose rank changes.
    `needed` marks clusters without which some method would have no score: their other values
    are finite but mean nothing.
    """

    without: FloatArray
    largest: FloatArray
    moved: IntArray
    needed: BoolArray


def influence(table: IntArray, clusters: int, score: FloatArray) -> Influence:
    """Return what leaving out each cluster would do to maximum likelihood scores.

    `table` has the columns of `tally_checks.COLUMNS`, clusters numbered from 0; `score` is
    `bradley_terry.scores` of it. One Newton step for each cluster, with the information of the
    others (Pregibon 1981): exact to first order. The cost per cluster does not depend on the
    number of judgments.
    """
    change = _changes(table, clusters, score)
    without = score + change
    before, after = _ranks(score[None, :]), _ranks(without)
    return Influence(
        without=without,
        largest=np.abs(change).max(axis=1, initial=0),
        moved=(before != after).sum(axis=1),
        needed=_needed(table, clusters, len(score)),
    )


def _changes(table: IntArray, clusters: int, score: FloatArray) -> FloatArray:
    """Solve (L - L_g) change = -u_g for all clusters g at once, L_g being their information.

    Repeats change = L^+ (L_g change - u_g), which needs no matrix of a cluster's own.
    """
    size = len(score)
    wins, probability = win_matrix(table, size), win_probabilities(score)
    inverse = np.linalg.pinv(information(wins + wins.T, probability), hermitian=True)
    cluster, first, second = table[:, 0], table[:, 1], table[:, 2]
    judged, p = table[:, 3:].sum(axis=1), probability[first, second]
    residual = table[:, 3] + table[:, 5] / 2 - judged * p
    weight = judged * p * (1 - p)

    def by_method(value: FloatArray) -> FloatArray:
        """Return sums of a row's value for its first method less its second, by cluster."""
        cells = clusters * size
        plus = np.bincount(cluster * size + first, value, minlength=cells)
        minus = np.bincount(cluster * size + second, value, minlength=cells)
        return np.asarray(plus - minus, np.float64).reshape(clusters, size)

    gradient = by_method(residual)
    change = -gradient @ inverse
    for _ in range(_MAX_ROUNDS):
        pulled = by_method(weight * (change[cluster, first] - change[cluster, second]))
        better = (pulled - gradient) @ inverse
        step = np.abs(better - change).max(initial=0)
        change = better
        if step < _ARRIVED:
            break
    return np.asarray(change, np.float64)


def _ranks(score: FloatArray) -> IntArray:
    """Return ranks from 0, best first, in each row; equal scores keep the methods' order."""
    order = np.argsort(-score, axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable")


def _needed(table: IntArray, clusters: int, size: int) -> BoolArray:
    """Mark clusters without which the methods are not linked both ways (Ford 1957)."""
    wins = win_matrix(table, size)
    needed = np.zeros(clusters, bool)
    winner, loser = table[:, [1, 2]].T.ravel(), table[:, [2, 1]].T.ravel()
    won = (table[:, [3, 4]] + table[:, [5]] / 2).T.ravel()
    # Only a cluster that alone holds all wins of one method over another can cut a link.
    sole = np.flatnonzero((won > 0) & (won == wins[winner, loser]))
    holder = np.tile(table[:, 0], 2)[sole]
    order = np.argsort(holder, kind="stable")
    holders, starts = np.unique(holder[order], return_index=True)
    for cluster, cells in zip(holders, np.split(sole[order], starts)[1:], strict=True):
        rest = wins.copy()
        rest[winner[cells], loser[cells]] = 0
        needed[cluster] = not linked(rest)
    return needed
