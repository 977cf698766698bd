"""Answers counted: sums over a million judgments are sums over a few different answers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.counting import count_keys, key_columns
from ratings.psychometrics.counts.judgment_arrays import LEFT_WON, JudgmentArrays


@dataclass(frozen=True, eq=False)
class CountedAnswers:
    """The different answers of each rater to each two methods, one entry each, by content.

    `rater`, `left`, `right` and `choice` are as in `JudgmentArrays`, `times`, float64, says how
    often the rater gave the answer, whatever the picture; all have the shape (answers,).
    """

    rater: Numbers
    left: Numbers
    right: Numbers
    choice: Numbers
    times: FloatArray

    @cached_property
    def left_won(self) -> FloatArray:
        """1 where the left was preferred, 0 where the right was, 1/2 for a tie; (answers,)."""
        return LEFT_WON[self.choice]


def counted_answers(judgments: JudgmentArrays) -> CountedAnswers:
    """Count the answers, whatever the order of the judgments."""
    size = len(judgments.methods)
    columns = (judgments.rater, judgments.left, judgments.right, judgments.choice)
    limits = (len(judgments.raters), size, size, 3)
    keys, times = count_keys(list(zip(columns, limits, strict=True)))
    rater, left, right, choice = key_columns(keys, limits)
    return CountedAnswers(rater, left, right, choice, times.astype(np.float64))
