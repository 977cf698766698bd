"""What does not count, as it comes: answers in order, dropped or not, by reason; and by hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from ratings.comparisons.judgments.counting_rule import NOT_UNDONE
from ratings.comparisons.judgments.drop_reasons import COUNTED, DropReason, LossSign, reason_sql
from ratings.comparisons.models import Study, Trial
from ratings.database.copying import Columns, read_columns
from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray

# So far back, and so many of the newest, is looked at.
DAYS = timedelta(days=30)
MOST = 12_000
# An answer that comes so late is on its way no more.
ON_ITS_WAY = timedelta(minutes=15)
_CODES = (COUNTED, *DropReason)
_UNDONE = _CODES.index(DropReason.UNDONE)
_KINDS = (Trial.Kind.COMPARISON, Trial.Kind.GOLDEN, Trial.Kind.REPEAT)
_TYPES = {"rater": "i8", "at": "i8", "kind": "i2", "code": "i2", "failed": "i2"}
# Where the first contender stands on the left, a repeat shows them the other way round.
_FIRST_WON = """CASE {j}.choice WHEN 'tie' THEN 0
    ELSE (({j}.choice = 'left') = {t}.first_left)::int * 2 - 1 END"""
_WON = _FIRST_WON.format(j="j", t="t")
_BEFORE = f"""(
    SELECT {_FIRST_WON.format(j="b", t="bt")} FROM ratings_trial bt
    JOIN ratings_judgment b ON b.trial_id = bt.id AND {NOT_UNDONE.sql("b")}
    WHERE bt.rater_id = t.rater_id AND bt.crop_id = t.crop_id AND bt.pair_id = t.pair_id
        AND bt.kind = 'comparison'
    LIMIT 1
)"""
_ANSWERS = f"""
    SELECT dense_rank() OVER (ORDER BY rater_id) AS rater, at, kind, code, failed FROM (
        SELECT j.id, t.rater_id, (extract(epoch FROM j.judged_at) * 1000)::int8 AS at,
            array_position(%(kinds)s::text[], t.kind::text) - 1 AS kind,
            array_position(%(codes)s::text[], {reason_sql()}) - 1 AS code,
            CASE t.kind
                WHEN 'golden' THEN ({_WON} <> 1)::int
                WHEN 'repeat' THEN coalesce(({_WON} <> {_BEFORE})::int, 0)
                ELSE 0 END AS failed
        FROM ratings_judgment j JOIN ratings_trial t ON t.id = j.trial_id
        JOIN ratings_rater r ON r.id = t.rater_id
        JOIN ratings_study s ON s.id = r.study_id AND s.stage = r.stage
        WHERE r.study_id = %(study)s AND j.judged_at > %(since)s AND t.kind::text = ANY(%(kinds)s)
        ORDER BY j.id DESC LIMIT %(most)s
    ) latest ORDER BY id
"""
_TRIALS = """
    SELECT dense_rank() OVER (ORDER BY rater_id) AS rater, at, 0 AS kind, 0 AS code, failed FROM (
        SELECT t.rater_id, (extract(epoch FROM t.issued_at) * 1000)::int8 AS at, t.number,
            (NOT EXISTS (SELECT FROM ratings_judgment j WHERE j.trial_id = t.id))::int AS failed
        FROM ratings_trial t JOIN ratings_rater r ON r.id = t.rater_id
        JOIN LATERAL (
            SELECT max(n.number) AS number FROM ratings_trial n
            WHERE n.rater_id = r.id AND n.kind <> 'training'
                AND EXISTS (SELECT FROM ratings_judgment j WHERE j.trial_id = n.id)
        ) last ON t.number <= last.number
        WHERE r.study_id = %(study)s AND t.kind <> 'training'
            AND t.issued_at > %(since)s AND t.issued_at < %(now)s - %(late)s
        ORDER BY t.issued_at DESC LIMIT %(most)s
    ) latest ORDER BY at, number
"""
_PRACTICE = """
    SELECT row_number() OVER (ORDER BY consented_at, id) AS rater,
        (extract(epoch FROM consented_at) * 1000)::int8 AS at, 0 AS kind, 0 AS code,
        (screened_out_at IS NOT NULL)::int AS failed
    FROM ratings_rater r
    WHERE study_id = %(study)s AND consented_at > %(since)s AND (
        screened_out_at IS NOT NULL
        OR EXISTS (SELECT FROM ratings_trial t WHERE t.rater_id = r.id AND t.kind <> 'training')
    )
    ORDER BY consented_at, id
"""
_HOURS = f"""
    SELECT r.study_id, date_trunc('hour', j.judged_at, 'UTC'), {reason_sql()}, count(*)
    FROM ratings_judgment j JOIN ratings_trial t ON t.id = j.trial_id
    JOIN ratings_rater r ON r.id = t.rater_id
    JOIN ratings_study s ON s.id = r.study_id AND s.stage = r.stage
    WHERE j.judged_at >= %(since)s AND t.kind = 'comparison' AND r.study_id = ANY(%(studies)s)
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, eq=False)
class DropStream:
    """What came, in order of time: of which rater, when (epoch, seconds), and whether dropped.

    Each is an array of shape (answers,), or of trials or raters where those are watched.
    """

    rater: IntArray
    at: FloatArray
    dropped: BoolArray


Watched = DropReason | LossSign


def drop_streams(study: Study, now: datetime) -> dict[Watched, DropStream]:
    """Return what is watched of a study in its stage, the newest `MOST` of each kind.

    What it lacks is left out. Answers to training trials are none of it.
    """
    values = {
        "study": study.pk,
        "since": now - DAYS,
        "now": now,
        "late": ON_ITS_WAY,
        "most": MOST,
        "kinds": [kind.value for kind in _KINDS],
        "codes": [str(code) for code in _CODES],
    }
    answers = read_columns(_ANSWERS, values, _TYPES)
    streams: dict[Watched, DropStream] = {
        reason: _stream(answers, answers["kind"] == 0, answers["code"] == place)
        for place, reason in enumerate(DropReason, 1)
    }
    for place, sign in ((1, LossSign.GOLDEN), (2, LossSign.REPEAT)):
        # What the rater took back is no answer to a check.
        asked = (answers["kind"] == place) & (answers["code"] != _UNDONE)
        streams[sign] = _stream(answers, asked, answers["failed"] == 1)
    others = {LossSign.PASSED_OVER: _TRIALS, LossSign.PRACTICE: _PRACTICE}
    for sign, query in others.items():
        rows = read_columns(query, values, _TYPES)
        streams[sign] = _stream(rows, rows["kind"] == 0, rows["failed"] == 1)
    return {watched: stream for watched, stream in streams.items() if len(stream.at)}


def _stream(columns: Columns, asked: BoolArray, dropped: BoolArray) -> DropStream:
    return DropStream(
        rater=columns["rater"][asked].astype(np.int64),
        at=columns["at"][asked] / 1000,
        dropped=np.asarray(dropped[asked], np.bool_),
    )


HourlyCounts = Mapping[datetime, Mapping[str, int]]


def drops_by_hour(study: Study, since: datetime) -> HourlyCounts:
    """Return the answers to a study's comparisons in its stage, by hour (UTC) and reason.

    `COUNTED` is a reason too.
    """
    hours: dict[datetime, dict[str, int]] = {}
    for _, hour, reason, count in _by_hour([study.pk], since):
        hours.setdefault(hour.astimezone(UTC), {})[reason] = count
    return hours


def drops_since(studies: list[int], since: datetime) -> dict[int, dict[str, int]]:
    """Return the answers to comparisons since an instant, by study (its key) and reason."""
    totals = {study: dict.fromkeys(map(str, _CODES), 0) for study in studies}
    for study, _, reason, count in _by_hour(studies, since):
        totals[study][reason] += count
    return totals


def _by_hour(studies: list[int], since: datetime) -> list[tuple[int, datetime, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"studies": studies, "since": since})
        return list(cursor.fetchall())
