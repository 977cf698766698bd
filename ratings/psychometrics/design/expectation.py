"""What a study can be expected to tell, worked out in an instant: no simulation, no chance.

For the balanced policy, at the raters and strengths of a `Plan`. The chances of each pair's
outcomes are averaged over tastes, effects of pictures and slips (Gauss-Hermite); the scores are
those of a Bradley-Terry fit to them, and their covariance is that of a misspecified model (White
1982), plus what clusters leave: the variance of tastes over the raters so far, and of effects over
the pictures. `sample_size.forecast` simulates the same, and is right where this is not: with very
few raters, in short studies, and for other policies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.design.sample_size import sessions_tried
from ratings.psychometrics.design.simulation import RaterModel
from ratings.psychometrics.design.study_simulation import Plan
from ratings.psychometrics.model import bradley_terry

# Nodes of the quadrature: the chances are exact to more digits than anything else is.
_NODES = 41
# A mean over so many draws of strengths has an error of a sixth of one study's deviation.
_DRAWS, _SEED = 32, 1


@dataclass(frozen=True)
class ExpectedPoint:
    """What a number of judgments can be expected to tell, in log odds.

    `raters` have come until then. `half_width` is the mean half width of the scores' intervals,
    `error` the mean standard error of neighbours' differences, `apart` the expected number of
    neighbours told apart, all at once.
    """

    judgments: int
    raters: int
    half_width: float
    error: float
    apart: float


@dataclass(frozen=True, eq=False)
class _Expected:
    """Scores, shape (methods,), and what their covariance is made of, shape (methods, methods).

    `single` is for one judgment; `clusters` for one rater and one picture with effects of variance
    1 on each method.
    """

    scores: FloatArray
    single: FloatArray
    clusters: FloatArray


def expectations(plan: Plan) -> Iterator[ExpectedPoint]:
    """Yield what a study can be expected to tell, for numbers of judgments ascending.

    As `forecast`, raters come one after the other for a session each, then again from the first.
    The policy of the plan is not looked at.
    """
    expected, order = _expected(plan), np.argsort(plan.strengths)[::-1]
    first, second = np.array(list(pairwise(order))).T
    apart = expected.scores[first] - expected.scores[second]
    level = plan.settings.level
    width, alone = special.ndtri((1 + level) / 2), special.ndtri(1 - (1 - level) / len(first))
    for sessions in sessions_tried(plan):
        judgments = min(sessions * plan.trials, plan.raters * plan.possible)
        raters = min(sessions, plan.raters)
        cov = _covariance(plan, expected, judgments, raters)
        squares = np.diagonal(cov)
        error = np.sqrt(squares[first] + squares[second] - 2 * cov[first, second])
        yield ExpectedPoint(
            judgments=judgments,
            raters=raters,
            half_width=float(width * np.sqrt(squares).mean()),
            error=float(error.mean()),
            apart=float(special.ndtr(apart / error - alone).sum()),
        )


def mean_expectations(plan: Plan) -> tuple[ExpectedPoint, ...]:
    """Return the mean of `expectations` over strengths that are drawn by the plan's covariance.

    The draws are the same ones each time.
    """
    rng = np.random.default_rng(_SEED)
    drawn = rng.multivariate_normal(plan.strengths, np.array(plan.covariance), _DRAWS)
    studies = [replace(plan, strengths=tuple(one.tolist()), covariance=None) for one in drawn]
    return tuple(map(_mean, zip(*map(expectations, studies), strict=True)))


def _mean(points: Sequence[ExpectedPoint]) -> ExpectedPoint:
    half_width, error, apart = np.mean(
        [(point.half_width, point.error, point.apart) for point in points], axis=0
    ).tolist()
    return replace(points[0], half_width=half_width, error=error, apart=apart)


def endless_half_width(plan: Plan) -> float:
    """Return the mean half width that endless judgments of these raters on these pictures leave."""
    model, left = plan.rater_model, np.diagonal(_expected(plan).clusters)
    variance = model.taste_sd**2 / plan.raters + model.picture_sd**2 / plan.pictures
    width = special.ndtri((1 + plan.settings.level) / 2)
    return float(width * np.sqrt(left * variance).mean())


def _covariance(plan: Plan, expected: _Expected, judgments: int, raters: int) -> FloatArray:
    """Return the covariance of the scores after so many judgments of so many raters."""
    model = plan.rater_model
    # What a judgment varies by of itself holds its cluster's part already.
    of_raters = model.taste_sd**2 * max(0.0, 1 / raters - 1 / judgments)
    of_pictures = model.picture_sd**2 * max(0.0, 1 / plan.pictures - 1 / judgments)
    return expected.single / judgments + expected.clusters * (of_raters + of_pictures)


def _expected(plan: Plan) -> _Expected:
    """Work out scores and the parts of their covariance, all pairs being asked alike."""
    strengths = np.array(plan.strengths)
    distance = strengths[:, None] - strengths[None, :]
    score, square, slope = outcomes(distance, plan.rater_model)
    np.fill_diagonal(score, 0.0)
    scores = bradley_terry.scores(score)
    fitted = special.expit(scores[:, None] - scores[None, :])
    pairs = len(strengths) * (len(strengths) - 1) / 2
    inverse = np.linalg.pinv(_laplacian(fitted * (1 - fitted)))
    own = inverse @ _laplacian(square - score**2) @ inverse
    moved = inverse @ _laplacian(slope)
    return _Expected(scores, own * pairs, moved @ moved.T)


def outcomes(distance: FloatArray, model: RaterModel) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mean of a judgment's score, of its square, and how the mean follows an effect.

    A win scores 1 and a tie 1/2 (Davidson 1970 gives its chance).
    """
    node, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    weight = weight / weight.sum()
    spread = np.sqrt(2 * (model.taste_sd**2 + model.picture_sd**2) + model.side_sd**2)
    at = distance[:, :, None] + spread * node
    careful = (1 - model.careless) * (1 - model.lapse)
    tie = 2 * model.unsure / (1 - model.unsure)
    high, low = np.exp(at / 2), np.exp(-at / 2)
    whole = high + low + tie
    win, even = high / whole, tie / whole
    slopes = (high * low + tie * (high + low) / 4) / whole**2
    # A slip is a judgment between equals.
    slip_tie = tie / (2 + tie)
    mean = careful * ((win + even / 2) @ weight) + (1 - careful) / 2
    square = careful * ((win + even / 4) @ weight) + (1 - careful) * (0.5 - slip_tie / 4)
    return mean, square, careful * (slopes @ weight)


def _laplacian(weights: FloatArray) -> FloatArray:
    """Return the matrix of a graph whose edges have these weights; loops are not looked at."""
    off = weights - np.diag(np.diagonal(weights))
    return np.diag(off.sum(axis=1)) - off
