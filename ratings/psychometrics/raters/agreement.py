"""Agreement: of raters among one another, and of each with all others."""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.judgment_arrays import TIE, JudgmentArrays


@dataclass(frozen=True)
class RaterAgreement:
    """`alpha` is Krippendorff's, nominal: 1 is full agreement, 0 that of chance.

    `units` counts the trials, the same pair on the same crop, that several raters judged.
    """

    alpha: float
    units: int


def krippendorff_alpha(unit: IntArray, value: IntArray) -> float | None:
    """Return Krippendorff's alpha for nominal values, one entry a judgment (Krippendorff 2011).

    `unit` and `value` are numbers from 0; units judged once don't count. None where no unit is
    judged twice, or where all values are the same.
    """
    units, place = np.unique(unit, return_inverse=True)
    values = int(value.max(initial=-1)) + 1
    counts = np.bincount(place * values + value, minlength=len(units) * values)
    counts = counts.reshape(len(units), values).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 1]
    judged = counts.sum(axis=1)
    total, per_value = judged.sum(), counts.sum(axis=0)
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
    unit, once = shared_units(judgments)
    unit, preferred = unit[once], preferred_first(judgments)[once]
    mirrored = np.where(preferred == TIE, TIE, 1 - preferred)
    both = np.concatenate([2 * unit, 2 * unit + 1])
    alpha = krippendorff_alpha(both, np.concatenate([preferred, mirrored]))
    if alpha is None:
        return None
    return RaterAgreement(alpha, int((np.bincount(unit) > 1).sum()))


def shared_units(judgments: JudgmentArrays) -> tuple[IntArray, IntArray]:
    """Return numbers of the different trials (what was shown, which pair), shape (judgments,).

    Also return the places of each rater's first judgment of each, shape (places,): where only the
    picture is known and not the crop, a rater may seem to have judged the same trial twice.
    """
    first = np.minimum(judgments.left, judgments.right)
    second = np.maximum(judgments.left, judgments.right)
    size = len(judgments.methods)
    key = (judgments.shown * size + first) * size + second
    unit = np.unique(key, return_inverse=True)[1]
    by_rater = judgments.rater * (unit.max(initial=0) + 1) + unit
    return unit, np.unique(by_rater, return_index=True)[1]


def preferred_first(judgments: JudgmentArrays) -> IntArray:
    """Return 0 where the method of lower index was preferred, 1 for the other, `TIE` for a tie.

    Shape (judgments,).
    """
    swapped = judgments.left > judgments.right
    decided = judgments.choice != TIE
    return np.where(swapped & decided, 1 - judgments.choice, judgments.choice)


def with_others(
    rater: IntArray, raters: int, left_won: FloatArray, chance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each rater's agreement with the others, and what to expect of it, (raters,) each.

    The share of decided judgments that prefer the method which is ahead by the judgments of all
    others: `chance`, one entry a judgment, is the left's probability by those. Expected is the
    share that the others themselves would reach. nan for raters without a decided judgment.
    """
    decided = left_won != 0.5
    ahead = np.where(chance == 0.5, 0.5, (left_won > 0.5) == (chance > 0.5))
    count, agreed, expected = (
        np.bincount(rater[decided], value[decided], minlength=raters)
        for value in (np.ones(len(rater)), ahead, np.maximum(chance, 1 - chance))
    )
    with np.errstate(invalid="ignore"):
        return agreed / count, expected / count
