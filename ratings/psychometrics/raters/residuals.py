"""Leave-one-rater-out residuals: answers beside what the other raters' scores expect."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.counted_answers import CountedAnswers, counted_answers
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

    `answers` are those of the judgments; `distance`, one entry an answer, is the log odds that the
    left is preferred, by the scores without the answer's own rater.
    """

    judgments: JudgmentArrays
    answers: CountedAnswers
    score: FloatArray
    by_rater: Influence
    distance: FloatArray

    @cached_property
    def chance(self) -> FloatArray:
        """The probability that the left is preferred, shape (answers,)."""
        return np.asarray(special.expit(self.distance), np.float64)

    @cached_property
    def residual(self) -> FloatArray:
        """1, 0 or 1/2 for what was chosen, less the probability of the left; (answers,)."""
        return self.answers.left_won - self.chance

    @cached_property
    def noise(self) -> FloatArray:
        """The variance of each residual by chance and slips alone, shape (answers,)."""
        return np.maximum(self.chance * (1 - self.chance), _LEAST_NOISE)

    @cached_property
    def counts(self) -> FloatArray:
        """Number of judgments of each rater, shape (raters,)."""
        return self.per_rater(1.0)

    @property
    def raters(self) -> int:
        """Number of raters, those without judgments included."""
        return len(self.judgments.raters)

    @property
    def active(self) -> int:
        """Number of raters with judgments."""
        return int((self.counts > 0).sum())

    def per_rater(self, value: FloatArray | float) -> FloatArray:
        """Return the sum over judgments of one value an answer for each rater, shape (raters,)."""
        answers = self.answers
        total = np.bincount(answers.rater, answers.times * value, minlength=self.raters)
        return np.asarray(total, np.float64)

    def per_method(self, of_left: FloatArray | float, of_right: FloatArray | float) -> FloatArray:
        """Return the same for each rater and method, (raters, methods), by the method's side."""
        answers, shape = self.answers, (self.raters, len(self.judgments.methods))
        total = np.zeros(shape[0] * shape[1])
        for method, value in ((answers.left, of_left), (answers.right, of_right)):
            cell = np.ravel_multi_index((answers.rater, method), shape)
            total += np.bincount(cell, answers.times * value, minlength=len(total))
        return total.reshape(shape)


def leave_one_rater_out(judgments: JudgmentArrays) -> LeaveOneRaterOut:
    """Return judgments beside the scores without their rater.

    Raises ValueError where the methods have no finite scores (see `connectivity.placement`).
    """
    table = judgments.counts(judgments.rater)
    score = scores(win_matrix(table, len(judgments.methods)))
    by_rater = influence(table, len(judgments.raters), score)
    answers, without = counted_answers(judgments), by_rater.without
    distance = without[answers.rater, answers.left] - without[answers.rater, answers.right]
    return LeaveOneRaterOut(judgments, answers, score, by_rater, distance)
