"""Leave-one-rater-out residuals: judgments beside what the other raters' scores expect."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.counts.tally import win_matrix
from ratings.psychometrics.model.bradley_terry import scores
from ratings.psychometrics.raters.influence import Influence, influence

# Honest raters slip: no answer is expected with more certainty than this variance leaves.
_LEAST_NOISE = 0.05
# The variance of one more, even judgment: what a few judgments seem to tell is taken with salt.
ONE_MORE = 0.25


@dataclass(frozen=True, eq=False)
class LeaveOneRaterOut:
    """Judgments with the plain scores of all, shape (methods,), and those without each rater.

    `distance`, one entry a judgment, is the log odds that the left is preferred, by the scores
    without the judgment's own rater.
    """

    judgments: JudgmentArrays
    score: FloatArray
    by_rater: Influence
    distance: FloatArray

    @cached_property
    def chance(self) -> FloatArray:
        """The probability that the left is preferred, shape (judgments,)."""
        return np.asarray(special.expit(self.distance), np.float64)

    @cached_property
    def residual(self) -> FloatArray:
        """1, 0 or 1/2 for what was chosen, less the probability of the left; (judgments,)."""
        return self.judgments.left_won - self.chance

    @cached_property
    def noise(self) -> FloatArray:
        """The variance of each residual by chance and slips alone, shape (judgments,)."""
        return np.maximum(self.chance * (1 - self.chance), _LEAST_NOISE)

    @cached_property
    def counts(self) -> FloatArray:
        """Number of judgments of each rater, shape (raters,)."""
        return self.per_rater(np.ones(len(self.judgments)))

    @property
    def raters(self) -> int:
        """Number of raters, those without judgments included."""
        return len(self.judgments.raters)

    @property
    def active(self) -> int:
        """Number of raters with judgments."""
        return int((self.counts > 0).sum())

    def per_rater(self, value: FloatArray) -> FloatArray:
        """Return the sum of one value a judgment for each rater, shape (raters,)."""
        total = np.bincount(self.judgments.rater, value, minlength=self.raters)
        return np.asarray(total, np.float64)

    def per_method(self, of_left: FloatArray, of_right: FloatArray) -> FloatArray:
        """Return the sum of one value a judgment for each rater and method, (raters, methods)."""
        judgments, size = self.judgments, len(self.judgments.methods)
        cells = self.raters * size
        total = np.bincount(judgments.rater * size + judgments.left, of_left, minlength=cells)
        total = total + np.bincount(
            judgments.rater * size + judgments.right, of_right, minlength=cells
        )
        return np.asarray(total, np.float64).reshape(self.raters, size)


def leave_one_rater_out(judgments: JudgmentArrays) -> LeaveOneRaterOut:
    """Return judgments beside the scores without their rater.

    Raises ValueError where the methods have no finite scores (see `connectivity.placement`).
    """
    table = judgments.counts(judgments.rater)
    score = scores(win_matrix(table, len(judgments.methods)))
    by_rater = influence(table, len(judgments.raters), score)
    without, rater = by_rater.without, judgments.rater
    distance = without[rater, judgments.left] - without[rater, judgments.right]
    return LeaveOneRaterOut(judgments, score, by_rater, distance)
