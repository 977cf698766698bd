"""What a fitted model expects of a judgment, and how much one tells about each parameter.

One code path serves both treatments of ties. The parameters are the scores and, under Davidson's
model (1970), log nu beside them; a judgment of i and j moves the score of i one way, that of j the
other way, and log nu by whether it is a tie. So every sum over judgments is a Laplacian matrix
with, under Davidson, one border row and column.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ratings.psychometrics import davidson
from ratings.psychometrics.bradley_terry import win_probabilities
from ratings.psychometrics.tally import FloatArray, IntArray


class Products(NamedTuple):
    """Products of what a judgment says about score and tie, for each pair or row.

    `points` squared, `points` times `ties` (antisymmetric in the pair), `ties` squared.
    """

    points: FloatArray
    mixed: FloatArray
    ties: FloatArray


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What is expected of a judgment of i and j, shape (methods, methods).

    `points[i, j]`: 1 for i preferred, 1/2 for a tie. `tied` is the chance of a tie, or None where
    a tie is nothing but half a win for each.
    """

    points: FloatArray
    tied: FloatArray | None

    @property
    def parameters(self) -> int:
        """Number of parameters: the scores, and log nu where ties have a chance of their own."""
        return len(self.points) + (self.tied is not None)

    def expected_products(self) -> Products:
        """Return variances and covariance of one judgment's points and tie, [i, j]."""
        points, tied = self.points, self._tied
        return Products(
            points * points.T - tied / 4,
            np.where(tied > 0, tied * (0.5 - points), 0.0),
            tied * (1 - tied),
        )

    def observed_products(self, wins: FloatArray, ties: FloatArray) -> Products:
        """Return the sums over judgments of products of what was unexpected, [i, j].

        `wins` hold ties as halves, `ties` are those of `Tally.ties`.
        """
        points, tied, decided, off = self.points, self._tied, wins - ties / 2, 0.5 - self.points
        return Products(
            decided * points.T**2 + decided.T * points**2 + ties * off**2,
            (decided.T * points - decided * points.T) * tied + ties * off * (1 - tied),
            (decided + decided.T) * tied**2 + ties * (1 - tied) ** 2,
        )

    def unexpected(self, table: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return, per row of a tally's table, points of the first and ties beyond expectation."""
        pair = table[:, 1], table[:, 2]
        judged = judgments(table)
        points = table[:, 3] + table[:, 5] / 2 - judged * self.points[pair]
        return points, table[:, 5] - judged * self._tied[pair]

    def information(self, judged: FloatArray) -> FloatArray:
        """Return the Fisher information of judged[i, j] judgments, (parameters, parameters)."""
        return self.square(Products(*(judged * one for one in self.expected_products())))

    def square(self, products: Products) -> FloatArray:
        """Return products summed over all pairs, shape (parameters, parameters)."""
        matrix = np.zeros((self.parameters, self.parameters))
        size = len(self.points)
        matrix[:size, :size] = np.diag(products.points.sum(axis=1)) - products.points
        if self.tied is not None:
            matrix[:size, size] = matrix[size, :size] = products.mixed.sum(axis=1)
            matrix[size, size] = products.ties.sum() / 2
        return matrix

    @property
    def _tied(self) -> FloatArray:
        return np.zeros_like(self.points) if self.tied is None else self.tied


def judgments(table: IntArray) -> IntArray:
    """Return the number of judgments of each row of a tally's table."""
    # Three columns added are ten times as fast as numpy's sum along so short an axis.
    return table[:, 3] + table[:, 4] + table[:, 5]


def outcomes(score: FloatArray, nu: float | None = None) -> Outcomes:
    """Return what scores expect, with Davidson's `nu` or, without it, with ties as half wins."""
    if nu is None:
        points, tied = win_probabilities(score), None
    else:
        win, tied = davidson.probabilities(score, nu)
        points = win + tied / 2
    return Outcomes(_hollow(points), None if tied is None else _hollow(tied))


def preference(distance: FloatArray, nu: float | None = None) -> FloatArray:
    """Return the chance of being preferred to a method that is behind by some log odds.

    Under Davidson's model half the chance of a tie is added, so that it is 1/2 for equals.
    """
    ties = 0.0 if nu is None else nu / (2 * np.cosh(distance / 2))
    chance: FloatArray = 0.5 + 0.5 * np.tanh(distance / 2) / (1 + ties)
    return chance


def _hollow(matrix: FloatArray) -> FloatArray:
    """Return a matrix with nothing on its diagonal: no method meets itself."""
    hollow = matrix.copy()
    np.fill_diagonal(hollow, 0)
    return hollow
