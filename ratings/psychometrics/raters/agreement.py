"""Agreement: of raters among one another, and of each with all others."""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.counted_answers import CountedAnswers
from ratings.psychometrics.counts.judgment_arrays import TIE, JudgmentArrays
from ratings.psychometrics.raters.shared_trials import trial_answers


@dataclass(frozen=True)
class RaterAgreement:
    """`alpha` is Krippendorff's, nominal: 1 is full agreement, 0 that of chance.

    `units` counts the trials, the same pair on the same crop, that several raters judged.
    """

    alpha: float
    units: int


def krippendorff_alpha(counts: IntArray) -> float | None:
    """Return Krippendorff's alpha for nominal values (Krippendorff 2011).

    `counts`, shape (units, values), says how often each unit was given each value; units judged
    once don't count. None where no unit is judged twice, or where all values are the same.
    """
    counts = counts[counts.sum(axis=1) > 1]
    judged, per_value = counts.sum(axis=1).astype(np.float64), counts.sum(axis=0)
    total = judged.sum()
    by_chance = (total**2 - (per_value**2).sum()) / (total - 1) if total else 0.0
    if by_chance == 0:
        return None
    differing = ((judged**2 - (counts**2).sum(axis=1)) / (judged - 1)).sum()
    return float(1 - differing / by_chance)


def rater_agreement(judgments: JudgmentArrays) -> RaterAgreement | None:
    """Return how far raters agree on what several of them saw; None where no trial was shared.

    Each trial is counted in both orders of its pair. Which method is called first then makes
    no difference, and chance is an even one.
    """
    answers = trial_answers(judgments)
    cells = np.bincount(answers.trial * 3 + answers.preferred, minlength=3 * len(answers.first))
    counts = cells.reshape(-1, 3)
    alpha = krippendorff_alpha(np.stack([counts, counts[:, [1, 0, TIE]]], axis=1).reshape(-1, 3))
    if alpha is None:
        return None
    return RaterAgreement(alpha, int((counts.sum(axis=1) > 1).sum()))


def with_others(
    answers: CountedAnswers, raters: int, chance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each rater's agreement with the others, and what to expect of it, (raters,) each.

    The share of decided judgments that prefer the method which is ahead by the judgments of all
    others: `chance`, one entry an answer, is the left's probability by those. Expected is the
    share that the others themselves would reach. nan for raters without a decided judgment.
    """
    times = np.where(answers.choice == TIE, 0.0, answers.times)
    ahead = np.where(chance == 0.5, 0.5, (answers.left_won > 0.5) == (chance > 0.5))
    count, agreed, expected = (
        np.bincount(answers.rater, times * value, minlength=raters)
        for value in (1.0, ahead, np.maximum(chance, 1 - chance))
    )
    with np.errstate(invalid="ignore"):
        return agreed / count, expected / count
