"""Flags and comments as tables for organizers: apart from judgments, and in no public release."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F

from ratings.comparisons.models import Comment, Study, TrialFlag
from ratings.comparisons.study.presentation import contenders

FLAG_COLUMNS = [
    *("rater", "trial_id", "image", "dataset", "crop_x", "crop_y", "crop_width", "crop_height"),
    *("left", "right", "kind", "reason", "text", "flagged_at", "dismissed_at", "crop_paused_at"),
]
COMMENT_COLUMNS = ["rater", "language", "text", "written_at"]


def flag_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row a flag with `FLAG_COLUMNS`, the oldest first."""
    labels = dict(study.entries.values_list("pk", "label"))
    flags = TrialFlag.objects.filter(trial__rater__study=study).order_by("flagged_at", "pk")
    related = ("trial__pair", "trial__crop__original__dataset")
    for flag in flags.select_related(*related).iterator(chunk_size=1000):
        trial, crop = flag.trial, flag.trial.crop
        left, right = (
            labels[entry] if entry else f"original degraded {level}" if level else "original"
            for _, _, entry, level in contenders(trial)
        )
        yield {
            "rater": trial.rater_id.hex,
            "trial_id": str(trial.pk),
            "image": crop.original.name,
            "dataset": crop.original.dataset.slug,
            "crop_x": crop.x,
            "crop_y": crop.y,
            "crop_width": crop.width,
            "crop_height": crop.height,
            "left": left,
            "right": right,
            "kind": trial.kind,
            "reason": flag.reason,
            "text": flag.text,
            "flagged_at": flag.flagged_at.isoformat(),
            "dismissed_at": flag.dismissed_at.isoformat() if flag.dismissed_at else None,
            "crop_paused_at": crop.paused_at.isoformat() if crop.paused_at else None,
        }


def comment_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row a comment with `COMMENT_COLUMNS`, the oldest first."""
    comments = Comment.objects.filter(rater__study=study).order_by("written_at", "pk")
    for comment in comments.annotate(language=F("rater__language")):
        yield {
            "rater": comment.rater_id.hex,
            "language": comment.language,
            "text": comment.text,
            "written_at": comment.written_at.isoformat(),
        }
