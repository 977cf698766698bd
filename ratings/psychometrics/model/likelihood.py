"""What a fitted model expects of a judgment, and how much one tells about each parameter.

One code path serves both treatments of ties. The parameters are the scores and, under Davidson's
model (1970), log nu beside them; a judgment of i and j moves the score of i one way, that of j the
other way, and log nu by whether it is a tie. So every sum over judgments is a Laplacian matrix
with, under Davidson, one border row and column.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.model.bradley_terry import win_probabilities

Pairs = tuple[IntArray, IntArray] | tuple[slice, slice]


class Products(NamedTuple):
    """Products of what a judgment says about score and tie, for each pair or row.

    `points` squared, `points` times `ties` (antisymmetric in the pair), `ties` squared.
    """

    points: FloatArray
    mixed: FloatArray
    ties: FloatArray


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What is expected of a judgment of i and j, all of shape (methods, methods).

    `win[i, j]` is the probability that i is preferred, `tied` that of a tie: 0 where a tie is
    nothing but half a win for each, and `davidson` is False.
    """

    win: FloatArray
    tied: FloatArray
    davidson: bool

    @property
    def parameters(self) -> int:
        """Number of parameters: the scores, and log nu where ties have a chance of their own."""
        return len(self.win) + self.davidson

    @cached_property
    def points(self) -> FloatArray:
        """The expected points of i, 1 for a win and 1/2 for a tie, shape (methods, methods)."""
        return self.win + self.tied / 2

    def expected_products(self, pair: Pairs = (slice(None), slice(None))) -> Products:
        """Return variances and covariance of one judgment's points and tie, each [i, j].

        With `pair`, arrays of i and of j, those of these pairs, in the same shape.
        """
        win, lost, tied = self.win[pair], self.win.T[pair], self.tied[pair]
        return Products(
            win * lost + (win + lost) * tied / 4,
            tied * (lost - win) / 2,
            tied * (1 - tied),
        )

    def observed_products(self, wins: FloatArray, ties: FloatArray) -> Products:
        """Return the sums over judgments of products of what was unexpected, [i, j].

        `wins` hold ties as halves, `ties` are those of `Tally.ties`.
        """
        points, tied, decided, off = self.points, self.tied, wins - ties / 2, 0.5 - self.points
        return Products(
            decided * points.T**2 + decided.T * points**2 + ties * off**2,
            (decided.T * points - decided * points.T) * tied + ties * off * (1 - tied),
            (decided + decided.T) * tied**2 + ties * (1 - tied) ** 2,
        )

    def unexpected(self, table: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return how far the first's points and the ties exceed expectation, (rows,) each."""
        pair = table[:, 1], table[:, 2]
        judged = judgments(table)
        points = table[:, 3] + table[:, 5] / 2 - judged * self.points[pair]
        return points, table[:, 5] - judged * self.tied[pair]

    def information(self, judged: FloatArray) -> FloatArray:
        """Return the Fisher information of judged[i, j] judgments, (parameters, parameters)."""
        return self.square(Products(*(judged * product for product in self.expected_products())))

    def square(self, products: Products) -> FloatArray:
        """Return products summed over all pairs, shape (parameters, parameters)."""
        matrix = np.zeros((self.parameters, self.parameters))
        size = len(self.win)
        matrix[:size, :size] = np.diag(products.points.sum(axis=1)) - products.points
        if self.davidson:
            matrix[:size, size] = matrix[size, :size] = products.mixed.sum(axis=1)
            matrix[size, size] = products.ties.sum() / 2
        return matrix


def judgments(table: IntArray) -> IntArray:
    """Return the number of judgments of each row of a tally's table, shape (rows,)."""
    # Three columns added are ten times as fast as numpy's sum along so short an axis.
    return table[:, 3] + table[:, 4] + table[:, 5]


def outcomes(score: FloatArray, nu: float | None = None) -> Outcomes:
    """Return what scores expect, with Davidson's `nu` or, without it, with ties as half wins."""
    if nu is None:
        win = win_probabilities(score)
        tied = np.zeros_like(win)
    else:
        win, tied = probabilities(score, nu)
    return Outcomes(_hollow(win), _hollow(tied), nu is not None)


def probabilities(score: FloatArray, nu: float) -> tuple[FloatArray, FloatArray]:
    """Return (win[i, j], tie[i, j]), (methods, methods) each: the chances of a win and of a tie.

    This is Davidson's model (1970). With strengths pi = exp(score) a tie has the chance
    nu sqrt(pi_i pi_j) / (pi_i + pi_j + nu sqrt(pi_i pi_j)). On the diagonal they are those of a
    method against its equal.
    """
    distance = score[:, None] - score[None, :]
    # Divided by the stronger side's weight, nothing overflows.
    far = np.abs(distance)
    weaker, level = np.exp(-far), nu * np.exp(-far / 2)
    total = 1 + weaker + level
    win: FloatArray = np.where(distance >= 0, 1.0, weaker) / total
    return win, level / total


def preference(distance: FloatArray, nu: float | None = None) -> FloatArray:
    """Return the chance of being preferred to a method that is behind by `distance` log odds.

    Under Davidson's model half the chance of a tie is added, so that it is 1/2 for equals. Any
    shape; the result has the same.
    """
    ties = 0.0 if nu is None else nu / (2 * np.cosh(distance / 2))
    chance: FloatArray = 0.5 + 0.5 * np.tanh(distance / 2) / (1 + ties)
    return chance


def _hollow(matrix: FloatArray) -> FloatArray:
    """Return a matrix with nothing on its diagonal: no method meets itself."""
    hollow = matrix.copy()
    np.fill_diagonal(hollow, 0)
    return hollow
