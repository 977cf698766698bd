"""The numbers of one picture: how each method decoded it, and what people said of that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ratings.challenge.models import Original
from ratings.comparisons.models import Study
from ratings.fidelity.picture_scores import PictureFigures, figures_on
from ratings.ranking.boards.picture_win_rates import PictureScore, picture_scores
from ratings.submissions.models import Submission


@dataclass(frozen=True)
class MethodOnPicture:
    """One method on one picture; `score` is None where nobody judged it there."""

    submission: Submission
    figures: PictureFigures
    score: PictureScore | None

    def as_json(self) -> dict[str, Any]:
        """Return the numbers; an infinite PSNR is the text "inf"."""
        return {
            "method": self.submission.method,
            "team": self.submission.team.name,
            "kind": self.submission.team.kind,
            "psnr_db": json_decibels(self.figures.psnr_db),
            "mse": self.figures.mse,
            "ms_ssim": self.figures.ms_ssim,
            "size_bytes": self.figures.size_bytes,
            "bpp": self.figures.bpp,
            "judgments": self.score.judgments if self.score else 0,
            "win_rate": self.score.share if self.score else None,
            "score": self.score.score if self.score else None,
        }


def json_decibels(value: float | None) -> float | str | None:
    """Return decibels for JSON, which knows no infinity: that is the text "inf"."""
    return "inf" if value is not None and math.isinf(value) else value


def methods_on(
    original: Original, study: Study | None, submissions: Sequence[Submission]
) -> list[MethodOnPicture]:
    """Return the methods that have decoded a picture, by falling PSNR."""
    figures = figures_on(original, submissions)
    scores = picture_scores(study, original).get(original.pk, {}) if study else {}
    labels = dict(study.entries.values_list("submission", "label")) if study else {}
    methods = [
        MethodOnPicture(
            submission, figures[submission.pk], scores.get(labels.get(submission.pk, ""))
        )
        for submission in submissions
        if submission.pk in figures
    ]
    return sorted(methods, key=lambda one: (one.figures.squared_error, one.submission.method))
