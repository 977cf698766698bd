"""Raters with checks: golden trials and repeats that were answered as a test wants."""

import itertools
from collections.abc import Sequence
from typing import Any

from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.models import Judgment, Rater, Study, Trial
from tests.builders import NOW
from tests.comparisons.builders import build_rater

_numbers = itertools.count(1001)


def build_answer(rater: Rater, choice: str, /, **fields: Any) -> Judgment:
    """Save a trial of a rater with its answer; fields of the judgment begin with `judgment_`."""
    mine = {key: fields.pop(key) for key in list(fields) if key.startswith("judgment_")}
    crop = fields.pop("crop", None) or rater.study.crops.order_by("pk")[0]
    defaults = {"number": next(_numbers), "first_left": True, "issued_at": NOW}
    trial = Trial.objects.create(rater=rater, crop=crop, **(defaults | fields))
    given = {name.removeprefix("judgment_"): value for name, value in mine.items()}
    answer = {"choice": choice, "response_ms": 4000, "judged_at": NOW, "display": {"flips": 3}}
    return Judgment.objects.create(trial=trial, **(answer | given))


def build_goldens(rater: Rater, rights: Sequence[bool], **fields: Any) -> None:
    """Save golden trials, the original on the left and on the right in turn."""
    for number, right in enumerate(rights):
        left = number % 2 == 0
        choice = "left" if left == right else "right"
        build_answer(rater, choice, kind=Trial.Kind.GOLDEN, level=1, first_left=left, **fields)


def build_repeats(rater: Rater, alike: Sequence[bool], **fields: Any) -> None:
    """Save comparisons that prefer the first entry, and mirrored repeats of them.

    The comparisons are not counted: `rebuild_counts` does that.
    """
    cells = itertools.product(rater.study.pairs.order_by("pk"), rater.study.crops.order_by("pk"))
    for same, (pair, crop) in zip(alike, cells, strict=False):
        where = {"pair": pair, "crop": crop}
        build_answer(rater, "left", **where, **fields)
        again = "right" if same else "left"
        build_answer(rater, again, kind=Trial.Kind.REPEAT, first_left=False, **where, **fields)


def build_checked(study: Study, *, right: int = 6, alike: int = 6, of: int = 6) -> Rater:
    """Save a rater with so many golden trials and repeats, so many of them passed, and count."""
    rater = build_rater(study)
    build_goldens(rater, [number < right for number in range(of)])
    build_repeats(rater, [number < alike for number in range(of)])
    rebuild_counts(study, repair=True)
    return rater


def make_check(trial: Trial, kind: str) -> Trial:
    """Turn an issued comparison into a check of the same pictures."""
    pair = trial.pair if kind == "repeat" else None
    entry = trial.pair.first if kind == "identical" and trial.pair else None
    Trial.objects.filter(pk=trial.pk).update(kind=kind, pair=pair, entry=entry)
    return Trial.objects.get(pk=trial.pk)
