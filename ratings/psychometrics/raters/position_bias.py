"""Position bias: do raters prefer what stands on the left, whatever it is?

In the Bradley-Terry model with a side effect, the left is preferred with probability
1 / (1 + exp(-(score_left - score_right + beta))) (Davidson & Beaver 1977). The crowd's beta is
fitted with the scores, by maximum likelihood; a single rater's is one scoring step from 0, with the
scores as they are.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.counted_answers import CountedAnswers
from ratings.psychometrics.model.adjusted import LEAST_SHARE, Rows, expected, maximum, untangled


@dataclass(frozen=True)
class PositionBias:
    """The crowd's position bias: `share` of judgments that prefer the left, a tie counting half.

    `expected` is the share without a bias; `beta` the bias in log odds with standard error `se`
    over raters and an interval of 95 %; `p_value` that of no bias. Errors are None with fewer than
    two raters: one rater's bias is not the crowd's. `beta` is None too where no finite one is the
    likeliest, or where each method always stands on one side.
    """

    share: float
    expected: float
    beta: float | None
    se: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True, eq=False)
class RaterPositionBias:
    """Each rater's position bias, shape (raters,); nan for raters without judgments.

    `p_value` is that of no bias, two-sided, with a correction for continuity.
    """

    share: FloatArray
    expected: FloatArray
    beta: FloatArray
    p_value: FloatArray


def rater_position_bias(
    answers: CountedAnswers, raters: int, chance: FloatArray
) -> RaterPositionBias:
    """Return each rater's position bias, arrays of shape (raters,).

    `chance`, the probability that the left is preferred, has one entry an answer.
    """
    count, won, expected, weight = (
        np.bincount(answers.rater, answers.times * value, minlength=raters)
        for value in (1.0, answers.left_won, chance, chance * (1 - chance))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.maximum(np.abs(won - expected) - 0.5, 0) / np.sqrt(weight)
        return RaterPositionBias(
            share=won / count,
            expected=expected / count,
            beta=(won - expected) / weight,
            p_value=2 * special.ndtr(-distance),
        )


def position_bias(
    answers: CountedAnswers, score: FloatArray, chance: FloatArray
) -> PositionBias | None:
    """Return the crowd's position bias, or None without answers.

    `score`, (methods,), are the scores without a bias, which the fit begins with; `chance` is as
    above. The standard error is over raters, each with a bias of their own (CR1; Liang & Zeger
    1986), and goes with Student's t.
    """
    times = answers.times
    if not len(times):
        return None
    count = float(times.sum())
    share, usual = float(times @ answers.left_won) / count, float(times @ chance) / count
    influence = _influence(answers, score)
    if influence is None:
        return PositionBias(share, usual, None, None, None, None, None)
    beta, rest = influence
    by_rater = np.bincount(np.unique(answers.rater, return_inverse=True)[1], rest)
    dof = len(by_rater) - 1
    if not dof:
        return PositionBias(share, usual, beta, None, None, None, None)
    se = float(np.sqrt((dof + 1) / dof * (by_rater**2).sum()))
    margin = se * float(special.stdtrit(dof, 0.975))
    p_value = 2 * float(special.stdtr(dof, -abs(beta) / se)) if se else 1.0
    return PositionBias(share, usual, beta, se, beta - margin, beta + margin, p_value)


def _influence(answers: CountedAnswers, score: FloatArray) -> tuple[float, FloatArray] | None:
    """Return the likeliest bias, and by how much each answer moves it, (answers,)."""
    rows = side_rows(answers, len(score))
    if untangled(rows, score)[0] < LEAST_SHARE:
        return None
    try:
        point = maximum(rows, score)
    except ArithmeticError:
        return None
    known = expected(rows, point)
    of_bias = np.linalg.pinv(known.information, hermitian=True)[-1]
    return float(point[-1]), rows.weight * known.surprise * (known.slopes @ of_bias)


def side_rows(answers: CountedAnswers, methods: int) -> Rows:
    """Return answers as rows whose one covariate is which side is the left."""
    nothing = np.zeros((len(answers.times), 0))
    side = np.ones((len(answers.times), 1))
    won, times = answers.left_won, answers.times
    return Rows(methods, answers.left, answers.right, won, times, side, nothing)
