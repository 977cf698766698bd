"""Tracks of metrics over studies that were judged, and files that metrics send."""

import csv
import io
from collections.abc import Callable
from typing import Any

from ratings.challenge.models import Phase
from ratings.comparisons.models import Judgment, Study
from ratings.fidelity.models import Distortion
from ratings.imaging.distortion import psnr_db
from ratings.metrics.judged_units import asked_units
from ratings.metrics.metric_files import VALUE_COLUMNS, pair_rows
from ratings.metrics.models import MetricTrack
from tests.ranking.builders import judge_all
from tests.remembered import remembered
from tests.web.builders import build_ranked_study, build_running_phase

# A method's value on a picture, by label and by the picture's file name.
Value = Callable[[str, str], float]


@remembered
def build_track(**fields: Any) -> MetricTrack:
    """Save an open track over a closed study of three methods that 5 raters judged."""
    phase = fields.pop("phase", None) or build_running_phase()
    study = build_ranked_study(phase)
    judge_all(study, raters=2, judgments=6, seed=5)
    Study.objects.filter(pk=study.pk).update(is_open=False)
    return MetricTrack.objects.create(**{"phase": phase, "study": study, "is_open": True} | fields)


def values_csv(study: Study, value: Value) -> bytes:
    """Return a value for each picture of each method of the study."""
    asked = asked_units(study)
    rows = [
        [original.dataset.slug, original.name, label, value(label, original.name)]
        for original in asked.originals.values()
        for label in asked.labels.values()
    ]
    return as_csv([VALUE_COLUMNS, *rows])


def decisions_csv(study: Study, decide: Callable[[str, str], int]) -> bytes:
    """Return a decision of each pair of the list, by the addresses of A and B."""
    rows = [[*row, decide(row[1], row[2])] for row in pair_rows(asked_units(study))]
    return as_csv([["O", "A", "B", "T"], *rows])


def as_csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def psnr_of(phase: Phase) -> dict[tuple[str, str], float]:
    """Return the PSNR of each picture of each method."""
    return {
        (one.decoded_image.submission.method, one.decoded_image.original.name): psnr_db(
            one.squared_error, one.samples
        )
        for one in Distortion.objects.filter(decoded_image__submission__phase=phase)
    }


def share_agreed(study: Study, value: Value) -> float:
    """Return a metric's accuracy from the judgments, one by one."""
    credits = []
    for judgment in Judgment.objects.filter(trial__rater__study=study):
        trial = judgment.trial
        assert trial.pair
        labels = [trial.pair.first.label, trial.pair.second.label]
        left, right = labels if trial.first_left else labels[::-1]
        name = trial.crop.original.name
        apart = value(left, name) - value(right, name)
        if apart == 0 or judgment.choice == "tie":
            credits.append(0.5)
        else:
            credits.append(float((apart > 0) == (judgment.choice == "left")))
    return sum(credits) / len(credits)
