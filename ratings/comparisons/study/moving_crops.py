"""Moving crops that were made already: which may go, what stands against it, and placing anew.

A crop that trials show stays: its judgments are about those pixels. All others may lie elsewhere as
long as nobody is issued trials meanwhile. Whoever moves crops queues the job that cuts them.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Crop, Study, Trial
from ratings.comparisons.participation import picture_name
from ratings.comparisons.study.cropping import box_of, boxes, place
from ratings.imaging.crops import Box


@dataclass(frozen=True)
class _Move:
    """One picture whose crops change: those that go, and those that come."""

    original: Original
    going: list[Crop]
    coming: list[Box]


def shown_crops(study: Study) -> QuerySet[Crop]:
    """Return the study's crops that trials show, and which therefore stay where they are."""
    return study.crops.filter(Exists(Trial.objects.filter(crop=OuterRef("pk"))))


def against_moving(study: Study, placed: Sequence[dict[str, Any]]) -> list[str]:
    """Return what stands against placing the study's crops so; nothing where none would move.

    `placed` is as the model's `placed_crops`. Crops that are not made yet move freely.
    """
    if study.placed_crops == placed:
        return []
    moves = list(_moves(study, placed))
    if not moves:
        return []
    if study.is_open and not study.paused_at:
        return ["crops that are made move while nothing is issued; pause the study first."]
    shown = list(shown_crops(study))
    return [line for move in moves for line in _against(move, shown)]


def move_crops(before: Study, after: Study) -> None:
    """Let the crops lie where a saved study has them; the study's row is locked.

    Raises Refused, code "definition", where something stands against it.
    """
    if problems := against_moving(before, after.placed_crops):
        raise Refused(
            "definition", *(f"[[study]] {after.slug}: crops: {line}" for line in problems)
        )
    for move in _moves(before, after.placed_crops):
        Crop.objects.filter(pk__in=[crop.pk for crop in move.going]).delete()
        place(after, move.original)


def _moves(study: Study, placed: Sequence[dict[str, Any]]) -> Iterator[_Move]:
    """Yield each picture of which crops are made and would lie elsewhere."""
    moved = copy(study)
    moved.placed_crops = list(placed)
    crops = study.crops.select_related("original__dataset").order_by("original", "pk")
    for original, rows in groupby(crops, key=lambda crop: crop.original):
        there = {box_of(crop): crop for crop in rows}
        wanted = boxes(moved, original)
        going = [crop for box, crop in there.items() if box not in wanted]
        coming = [box for box in wanted if box not in there]
        if going or coming:
            yield _Move(original, going, coming)


def _against(move: _Move, shown: Sequence[Crop]) -> Iterator[str]:
    """Yield what is wrong in one picture where some of its crops are shown by trials."""
    name = picture_name(move.original)
    here = [crop for crop in shown if crop.original_id == move.original.pk]
    for crop in here:
        if crop in move.going:
            yield f"{name!r}: trials show the crop at {crop.x}, {crop.y}, so it stays; put it back."
    for box in move.coming:
        for crop in here:
            if crop not in move.going and box.overlaps(box_of(crop)):
                yield (
                    f"{name!r}: a crop at {box.x}, {box.y} overlaps the one at {crop.x}, {crop.y}, "
                    "which trials show; move it away."
                )
