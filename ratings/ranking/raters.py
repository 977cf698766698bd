"""What a study's judgments tell about its raters, read from the judgments one by one."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ratings.comparisons.models import Entry, Study
from ratings.psychometrics.judgments import JudgmentArrays
from ratings.psychometrics.rater_report import RaterReport, RaterRow, rater_report
from ratings.psychometrics.tally import CHOICES, IntArray

RATER_COLUMNS = [
    *("rater", "simulated", "judgments", "median_ms"),
    *("reliability", "reliability_low", "reliability_high", "left_share", "left_p"),
    *("agreement", "agreement_usual", "influence", "moved", "needed", "flags"),
]
_DECIMALS = 4

# Every number is a bigint, so that rows have one length and numpy reads them as they come.
_NUMBERS = ("image", "crop", "first", "second", "first_left", "choice", "ms", "at")
_CHOICE_CODE = f"array_position(ARRAY{list(CHOICES)}::varchar[], j.choice) - 1"
JUDGMENTS = f"""
COPY (
    SELECT t.rater_id, k.original_id, t.crop_id, p.first_id, p.second_id, t.first_left::int::bigint,
           ({_CHOICE_CODE})::bigint, j.response_ms::bigint,
           (extract(epoch FROM j.judged_at) * 1000)::bigint
    FROM ratings_judgment j
    JOIN ratings_trial t ON t.id = j.trial_id
    JOIN ratings_pair p ON p.id = t.pair_id
    JOIN ratings_crop k ON k.id = t.crop_id
    WHERE p.study_id = %(study)s AND NOT j.excluded
) TO STDOUT (FORMAT BINARY)
"""
# The binary format: a head of 19 bytes, rows of a count and length-prefixed fields, a short end.
_HEAD_BYTES, _END_BYTES = 19, 2
_ROW = np.dtype(
    [
        *(("fields", ">i2"), ("rater_length", ">i4"), ("rater", "S16")),
        *(pair for name in _NUMBERS for pair in ((f"{name}_length", ">i4"), (name, ">i8"))),
    ]
)


@dataclass(frozen=True)
class StudyRaters:
    """A study's report; `simulated` names the raters who are synthetic."""

    study: Study
    report: RaterReport
    simulated: frozenset[str]


def study_raters(study: Study) -> StudyRaters:
    """Report on all raters of a study who made judgments that are not excluded."""
    simulated = study.raters.filter(simulated=True).values_list("pk", flat=True)
    return StudyRaters(
        study=study,
        report=rater_report(study_judgments(study)),
        simulated=frozenset(pk.hex for pk in simulated),
    )


def study_judgments(study: Study) -> JudgmentArrays:
    """Return the study's judgments in one pass, excluded ones left out.

    Raters are named by their identifiers, images by data set and name.
    """
    rows = _rows(study)
    labels = dict(Entry.objects.filter(study=study).values_list("pk", "label"))
    named = {
        crop["original"]: f"{crop['original__dataset__slug']}/{crop['original__name']}"
        for crop in study.crops.values("original", "original__name", "original__dataset__slug")
    }
    judged = np.unique(np.concatenate([rows["first"], rows["second"]]))
    entries = sorted(judged.tolist(), key=lambda pk: labels[pk])
    images = sorted(np.unique(rows["image"]).tolist(), key=lambda pk: named[pk])
    first, second = _places(rows["first"], entries), _places(rows["second"], entries)
    first_left = rows["first_left"] == 1
    who, rater = np.unique(rows["rater"], return_inverse=True)
    return JudgmentArrays(
        methods=tuple(labels[entry] for entry in entries),
        # numpy drops zero bytes at the end.
        raters=tuple(identifier.ljust(16, b"\0").hex() for identifier in who.tolist()),
        images=tuple(named[image] for image in images),
        rater=rater,
        image=_places(rows["image"], images),
        shown=np.unique(rows["crop"], return_inverse=True)[1],
        left=np.where(first_left, first, second),
        right=np.where(first_left, second, first),
        choice=rows["choice"].astype(np.int64),
        response_ms=rows["ms"].astype(np.int64),
        judged_at=rows["at"].astype(np.int64),
    )


def rater_rows(found: StudyRaters) -> list[dict[str, Any]]:
    """Return the report as one dict a rater, with the columns of `RATER_COLUMNS`."""
    return [_rater_row(row, found) for row in found.report.raters]


def _rater_row(row: RaterRow, found: StudyRaters) -> dict[str, Any]:
    values = asdict(row) | {
        "simulated": row.rater in found.simulated,
        "flags": " ".join(row.flags),
    }
    return {
        name: round(value, _DECIMALS) if isinstance(value := values[name], float) else value
        for name in RATER_COLUMNS
    }


def _rows(study: Study) -> NDArray[np.void]:
    with connection.cursor() as cursor, cursor.copy(JUDGMENTS, {"study": study.pk}) as copy:
        sent = b"".join(copy)
    return np.frombuffer(sent[_HEAD_BYTES : len(sent) - _END_BYTES], _ROW)


def _places(values: NDArray[np.int64], known: list[int]) -> IntArray:
    """Return the place of each value among known numbers."""
    order = np.argsort(known)
    return np.asarray(order[np.searchsorted(np.array(known)[order], values)], np.int64)
