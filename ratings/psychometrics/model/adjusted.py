"""Bradley-Terry scores with covariates: what else moved a judgment is fitted beside the scores.

The left is preferred with log odds exp(d z) (score_left - score_right) + c x. `x` differs between
the sides, such as which of them is the left (Davidson & Beaver 1977) or how many bytes each has;
`z` is of the judgment, such as how many the rater has answered before, and changes how clearly
differences are seen (Cattelan 2012 reviews both). Ties are half wins.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse, special

from ratings.psychometrics.arrays import FloatArray, Numbers

# What is left of a step, in log odds, where the fit has arrived.
_ARRIVED = 1e-9
_MAX_STEPS = 200
# Log odds that no finite maximum comes near.
_BOUNDLESS = 60.0
# Less than this share of a covariate's variation must not be all that methods leave of it.
LEAST_SHARE = 1e-4


@dataclass(frozen=True, eq=False)
class Rows:
    """Judgments with covariates, one a row; of equal ones there may be one with more `weight`.

    `left` and `right` index `methods` methods, `points` are 1, 0 or 1/2 for the left, (rows,) each;
    `sides` (rows, ...) are the differences of the left from the right, `states` (rows, ...) what
    acts on the sensitivity.
    """

    methods: int
    left: Numbers
    right: Numbers
    points: FloatArray
    weight: FloatArray
    sides: FloatArray
    states: FloatArray

    @property
    def parameters(self) -> int:
        """The scores, one for each column of `sides`, one for each of `states`."""
        return self.methods + int(self.sides.shape[1]) + int(self.states.shape[1])

    def split(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the scores, the effects of `sides` and those of `states`."""
        score, side, state = np.split(point, [self.methods, self.methods + self.sides.shape[1]])
        return score, side, state

    def log_odds(self, point: FloatArray) -> FloatArray:
        """Return the log odds that the left is preferred, (rows,)."""
        score, side, state = self.split(point)
        odds: FloatArray = (
            np.exp(self.states @ state) * (score[self.left] - score[self.right]) + self.sides @ side
        )
        return odds

    def log_likelihood(self, point: FloatArray) -> float:
        """Return the log likelihood of a point, (parameters,)."""
        odds = self.log_odds(point)
        return float(self.weight @ (self.points * odds - np.logaddexp(0, odds)))

    def slopes(self, point: FloatArray) -> sparse.csr_array:
        """Return how log odds change with each parameter, (rows, parameters)."""
        score, _, state = self.split(point)
        clarity, rows = np.exp(self.states @ state), len(self.left)
        apart = clarity * (score[self.left] - score[self.right])
        values = [clarity, -clarity, *self.sides.T, *(apart * column for column in self.states.T)]
        others = [np.full(rows, place) for place in range(self.methods, self.parameters)]
        columns = np.column_stack([self.left, self.right, *others]).astype(np.int64)
        width = columns.shape[1]
        return sparse.csr_array(
            (
                np.column_stack(values).ravel(),
                columns.ravel(),
                np.arange(0, rows * width + 1, width),
            ),
            shape=(rows, self.parameters),
        )


@dataclass(frozen=True, eq=False)
class Expected:
    """What a point expects of rows: `slopes`, and of each row's points `noise`, the variance.

    `surprise` are points less their expectation; `information`, (parameters, parameters), is
    Fisher's, singular along all scores together.
    """

    slopes: sparse.csr_array
    surprise: FloatArray
    noise: FloatArray
    information: FloatArray


def expected(rows: Rows, point: FloatArray) -> Expected:
    """Return what a point, (parameters,), expects."""
    slopes, odds = rows.slopes(point), rows.log_odds(point)
    won, lost = special.expit(odds), special.expit(-odds)
    noise = won * lost
    information = (slopes.T @ slopes.multiply((rows.weight * noise)[:, None])).toarray()
    # Points less chance, without its rounding where a chance is near 0 or 1.
    surprise = rows.points * lost - (1 - rows.points) * won
    return Expected(slopes, surprise, noise, np.asarray(information, np.float64))


def maximum(rows: Rows, start: FloatArray) -> FloatArray:
    """Return the likeliest scores, with mean 0, and effects, (parameters,), by Fisher scoring.

    `start`, (methods,), are scores to begin with. Raises ArithmeticError where there is no finite
    maximum: ask `connectivity.placement` and `untangled` first.
    """
    point = np.zeros(rows.parameters)
    point[: rows.methods] = start
    reached = rows.log_likelihood(point)
    for _ in range(_MAX_STEPS):
        known = expected(rows, point)
        gradient = known.slopes.T @ (rows.weight * known.surprise)
        step = _solved(_bordered(known.information, rows.methods), gradient)
        size = float(np.abs(known.slopes @ step).max(initial=0))
        if size < _ARRIVED:
            point[: rows.methods] -= point[: rows.methods].mean()
            return point
        # Slopes don't tell how far the odds go with a sensitivity, which is an exponential.
        size = max(size, float(np.abs(rows.states @ rows.split(step)[2]).max(initial=0)))
        step = step * min(1.0, 2 / size)
        tolerance = 1e-13 * abs(reached)
        while (climbed := rows.log_likelihood(point + step)) < reached - tolerance:
            step = step / 2
        point += step
        reached = climbed
        if np.abs(rows.log_odds(point)).max() > _BOUNDLESS:
            break
    raise ArithmeticError("The likelihood has no maximum: some effect grows without end.")


def untangled(rows: Rows, score: FloatArray) -> FloatArray:
    """Return the share of each covariate's variation that all else leaves, (covariates,).

    It is 0 where scores and the other covariates can say all that it says. `score`, (methods,), are
    scores without covariates.
    """
    point = np.zeros(rows.parameters)
    point[: rows.methods] = score
    information = _bordered(expected(rows, point).information, rows.methods)
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    shares = np.zeros(rows.parameters - rows.methods)
    for place in range(rows.methods, rows.parameters):
        others = np.delete(np.arange(rows.parameters), place)
        own = information[place, place]
        across = information[others, place] / scale[others]
        within = information[np.ix_(others, others)] / np.outer(scale[others], scale[others])
        if own > 0:
            told = across @ np.linalg.pinv(within, rcond=1e-10, hermitian=True) @ across
            shares[place - rows.methods] = max(0.0, 1 - told / own)
    return shares


def _bordered(information: FloatArray, methods: int) -> FloatArray:
    """Return information in which all scores together, which nothing tells of, stay put."""
    bordered = information.copy()
    bordered[:methods, :methods] += max(1e-12, np.diag(information)[:methods].mean()) / methods
    return bordered


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    try:
        step = np.asarray(np.linalg.solve(matrix, right), np.float64)
    except np.linalg.LinAlgError:
        raise ArithmeticError("Nothing tells some effect from the others.") from None
    return step
