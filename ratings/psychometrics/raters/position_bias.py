"""Position bias: do raters prefer what stands on the left, whatever it is?

In the Bradley-Terry model with a side effect, the left is preferred with probability
1 / (1 + exp(-(score_left - score_right + beta))) (Davidson & Beaver 1977). Estimates are one
scoring step from beta = 0, with the scores as they are: sides are drawn at random, so that scores
and sides hardly know of each other.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.counted_answers import CountedAnswers


@dataclass(frozen=True)
class PositionBias:
    """The crowd's position bias: `share` of judgments that prefer the left, a tie counting half.

    `expected` is the share without a bias; `beta` the bias in log odds with standard error `se`
    over raters and an interval of 95 %; `p_value` that of no bias. None with fewer than two
    raters: one rater's bias is not the crowd's.
    """

    share: float
    expected: float
    beta: float
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


def position_bias(answers: CountedAnswers, chance: FloatArray) -> PositionBias | None:
    """Return the crowd's position bias, or None without answers; `chance` is as above.

    The standard error is over raters, each with a bias of their own (CR1; Liang & Zeger 1986),
    and goes with Student's t.
    """
    times, left_won = answers.times, answers.left_won
    if not len(times):
        return None
    count, weight = float(times.sum()), float(times @ (chance * (1 - chance)))
    beta = float(times @ (left_won - chance)) / weight
    rest = times * (left_won - chance - beta * chance * (1 - chance))
    by_rater = np.bincount(np.unique(answers.rater, return_inverse=True)[1], rest)
    share, expected = float(times @ left_won) / count, float(times @ chance) / count
    raters = len(by_rater)
    if raters < 2:
        return PositionBias(share, expected, beta, None, None, None, None)
    se = float(np.sqrt(raters / (raters - 1) * (by_rater**2).sum())) / weight
    dof = raters - 1
    margin = se * float(special.stdtrit(dof, 0.975))
    p_value = 2 * float(special.stdtr(dof, -abs(beta) / se)) if se else 1.0
    return PositionBias(share, expected, beta, se, beta - margin, beta + margin, p_value)
