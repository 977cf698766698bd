"""A study's answers to comparisons as the pure functions about raters take them."""

import numpy as np

from ratings.comparisons.judgments.answers import Answers
from ratings.comparisons.models import Entry, Study
from ratings.comparisons.participation import left_entries
from ratings.psychometrics.arrays import BoolArray, IntArray, Numbers, narrow
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays


def ranked_answers(answers: Answers, study: Study) -> BoolArray:
    """Tell which answers to comparisons the published ranking is of."""
    gone = list(left_entries(study).values_list("pk", flat=True))
    left = np.isin(answers["first"], gone) | np.isin(answers["second"], gone)
    return np.asarray((answers["counts"] == 1) & ~left, np.bool_)


def arrays_of_answers(study: Study, answers: Answers) -> JudgmentArrays:
    """Return answers to comparisons as the pure functions take them.

    Raters are named by their identifiers, images by data set and name; methods and raters without
    an answer are left out.
    """
    labels = dict(Entry.objects.filter(study=study).values_list("pk", "label"))
    named = {
        crop["original"]: f"{crop['original__dataset__slug']}/{crop['original__name']}"
        for crop in study.crops.values("original", "original__name", "original__dataset__slug")
    }
    first, second, image = answers["first"], answers["second"], answers["image"]
    judged = np.unique(np.concatenate([first, second]))
    entries = sorted(judged.tolist(), key=lambda pk: labels[pk])
    images = sorted(np.unique(image).tolist(), key=lambda pk: named[pk])
    one, other = _places(first, entries), _places(second, entries)
    first_left = answers["first_left"] == 1
    present, rater = np.unique(answers.rater, return_inverse=True)
    return JudgmentArrays(
        methods=tuple(labels[entry] for entry in entries),
        raters=tuple(answers.raters[place] for place in present),
        images=tuple(named[pk] for pk in images),
        rater=narrow(rater),
        image=_places(image, images),
        shown=narrow(np.unique(answers["crop"], return_inverse=True)[1]),
        left=np.where(first_left, one, other),
        right=np.where(first_left, other, one),
        choice=narrow(answers["choice"]),
        response_ms=answers["response_ms"],
        judged_at=answers["judged_at"],
    )


def _places(values: IntArray, known: list[int]) -> Numbers:
    """Return the place of each value among known numbers, narrow."""
    order = np.argsort(known)
    return narrow(order)[np.searchsorted(np.array(known)[order], values)]
