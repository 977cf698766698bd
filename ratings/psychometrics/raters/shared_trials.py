"""Shared trials: what several raters judged, the same pair on the same crop, and how each did."""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import IntArray, Numbers
from ratings.psychometrics.counts.counting import changes, count_keys, key_columns
from ratings.psychometrics.counts.judgment_arrays import TIE, JudgmentArrays


@dataclass(frozen=True, eq=False)
class TrialAnswers:
    """The first answer of each rater to each trial, (answers,): `trial`, `rater`, `preferred`.

    `preferred` is 0 for the method of lower index, 1 for the other, `TIE` for a tie; `first` and
    `second` are the methods of each trial, shape (trials,), the lower index first.
    """

    first: Numbers
    second: Numbers
    trial: IntArray
    rater: Numbers
    preferred: Numbers


def trial_answers(judgments: JudgmentArrays) -> TrialAnswers:
    """Return what raters said of each trial, in an order of content.

    Where only the picture is known and not the crop, a rater may seem to have judged a trial twice:
    then the first is the one by content, with the methods in their order, left before right.
    """
    size, left, right = len(judgments.methods), judgments.left, judgments.right
    answer = 3 * (left > right).astype(np.int8) + judgments.choice.astype(np.int8)
    columns = (judgments.shown, np.minimum(left, right), np.maximum(left, right))
    limits = (int(judgments.shown.max(initial=-1)) + 1, size, size, len(judgments.raters), 6)
    keys = count_keys(list(zip((*columns, judgments.rater, answer), limits, strict=True)))[0]
    keys = keys[changes(keys // 6)]
    _, first, second, rater, answers = key_columns(keys, limits)
    new = changes(keys // (6 * max(1, len(judgments.raters))))
    swapped, choice = np.divmod(answers, 3)
    return TrialAnswers(
        first=first[new],
        second=second[new],
        trial=np.cumsum(new) - 1,
        rater=rater,
        preferred=np.where((swapped == 1) & (choice != TIE), 1 - choice, choice),
    )
