"""Left bias: do raters prefer what stands on the left, whatever it is?

In the Bradley-Terry model with a side effect, the left is preferred with probability
1 / (1 + exp(-(score_left - score_right + beta))) (Davidson & Beaver 1977). Estimates are one
scoring step from beta = 0, with the scores as they are: sides are drawn at random, so that scores
and sides hardly know of each other.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.tally import FloatArray, IntArray


@dataclass(frozen=True)
class SideBias:
    """The crowd's liking for the left: `share` of judgments, a tie counting half.

    `expected` is the share without any liking; `beta` its size in log odds with standard error
    `se` over raters and an interval of 95 %; `p_value` that of no liking. None with fewer than
    two raters: one rater's liking is not the crowd's.
    """

    share: float
    expected: float
    beta: float
    se: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True, eq=False)
class RaterSides:
    """Each rater's liking for the left, shape (raters,); nan for raters without judgments.

    `p_value` is that of no liking at all, two-sided, with a correction for continuity.
    """

    share: FloatArray
    expected: FloatArray
    beta: FloatArray
    p_value: FloatArray


def rater_sides(
    rater: IntArray, raters: int, left_won: FloatArray, chance: FloatArray
) -> RaterSides:
    """Return each rater's liking for the left; one entry a judgment.

    `left_won` is 1, 0 or 1/2 for a tie; `chance` is the probability that the left is preferred.
    """
    count, won, expected, weight = (
        np.bincount(rater, value, minlength=raters)
        for value in (np.ones(len(rater)), left_won, chance, chance * (1 - chance))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.maximum(np.abs(won - expected) - 0.5, 0) / np.sqrt(weight)
        return RaterSides(
            share=won / count,
            expected=expected / count,
            beta=(won - expected) / weight,
            p_value=2 * special.ndtr(-distance),
        )


def side_bias(rater: IntArray, left_won: FloatArray, chance: FloatArray) -> SideBias | None:
    """Return the crowd's liking for the left, or None without judgments.

    The standard error is over raters, each with a liking of their own (CR1; Liang & Zeger 1986),
    and goes with Student's t.
    """
    if not len(rater):
        return None
    weight = float((chance * (1 - chance)).sum())
    beta = float((left_won - chance).sum()) / weight
    rest = left_won - chance - beta * chance * (1 - chance)
    pull = np.bincount(np.unique(rater, return_inverse=True)[1], rest)
    share, expected = float(left_won.mean()), float(chance.mean())
    if len(pull) < 2:
        return SideBias(share, expected, beta, None, None, None, None)
    se = float(np.sqrt(len(pull) / (len(pull) - 1) * (pull**2).sum())) / weight
    freedom = len(pull) - 1
    margin = se * float(special.stdtrit(freedom, 0.975))
    p_value = 2 * float(special.stdtr(freedom, -abs(beta) / se)) if se else 1.0
    return SideBias(share, expected, beta, se, beta - margin, beta + margin, p_value)
