"""Storing a judgment together with the counts made of it, once, whatever is sent again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID
from weakref import WeakSet

from django.db import connection

# How the pictures were shown, as far as the rating page tells; each is a column of the export.
DISPLAY_FACTS = (
    "device_pixel_ratio",
    "window_width",
    "window_height",
    "screen_width",
    "screen_height",
    "layout",
    "shown_first",
    "flips",
    "input",
)


class Outcome(Enum):
    """What became of a judgment that was sent."""

    STORED = "stored"
    REPEATED = "repeated"
    CONTRADICTED = "contradicted"
    TIE_NOT_ALLOWED = "tie not allowed"
    UNKNOWN_TRIAL = "unknown trial"


@dataclass(frozen=True)
class Answer:
    """A rater's answer to one trial, and the facts of how the pictures were shown."""

    choice: str
    response_ms: int
    display: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """The outcome, and the answer that is on record where there is one."""

    outcome: Outcome
    choice: str | None = None
    response_ms: int | None = None


# One statement, hence one transaction and one round trip: the judgment, and what it adds to the
# counts of its pair on its crop and of its pair by its rater on its data set. Nothing is added
# where the trial has a judgment already. It is prepared once for each connection, because
# planning it would take most of its time.
# $1 trial, $2 raters, $3 choice, $4 response_ms, $5 display, $6 now.
_PREPARE = """
PREPARE ratings_judge (uuid, uuid[], text, int, jsonb, timestamptz) AS
WITH trial AS (
    SELECT t.id, t.rater_id, t.crop_id, t.pair_id, o.dataset_id, s.ties_allowed,
        ($3 = CASE WHEN t.first_left THEN 'left' ELSE 'right' END)::int AS first,
        ($3 = CASE WHEN t.first_left THEN 'right' ELSE 'left' END)::int AS second,
        ($3 = 'tie')::int AS tie
    FROM ratings_trial t
    JOIN ratings_rater r ON r.id = t.rater_id JOIN ratings_study s ON s.id = r.study_id
    JOIN ratings_crop k ON k.id = t.crop_id JOIN ratings_original o ON o.id = k.original_id
    WHERE t.id = $1 AND t.rater_id = ANY($2)
), stored AS (
    INSERT INTO ratings_judgment
        (trial_id, attempt, choice, response_ms, judged_at, display, excluded, exclusion_reason)
    SELECT id, 1, $3, $4, $6, $5, FALSE, ''
    FROM trial WHERE tie = 0 OR ties_allowed
    ON CONFLICT (trial_id, attempt) DO NOTHING
    RETURNING trial_id
), pair_counted AS (
    UPDATE ratings_paircount c
    SET wins_first = wins_first + first, wins_second = wins_second + second, ties = ties + tie
    FROM trial JOIN stored ON stored.trial_id = trial.id
    WHERE c.pair_id = trial.pair_id AND c.crop_id = trial.crop_id
), rater_counted AS (
    INSERT INTO ratings_ratercount AS c
        (rater_id, pair_id, dataset_id, wins_first, wins_second, ties)
    SELECT rater_id, pair_id, dataset_id, first, second, tie
    FROM trial JOIN stored ON stored.trial_id = trial.id
    ON CONFLICT (rater_id, pair_id, dataset_id) DO UPDATE SET
        wins_first = c.wins_first + excluded.wins_first,
        wins_second = c.wins_second + excluded.wins_second,
        ties = c.ties + excluded.ties
)
SELECT EXISTS (SELECT 1 FROM stored), tie = 1 AND NOT ties_allowed, j.choice, j.response_ms
FROM trial LEFT JOIN ratings_judgment j ON j.trial_id = trial.id
"""
_EXECUTE = "EXECUTE ratings_judge (%s, %s, %s, %s, %s, %s)"
_prepared: WeakSet[Any] = WeakSet()


def judge(trial_id: UUID, raters: Sequence[UUID], answer: Answer, now: datetime) -> Judged:
    """Store the answer of one of `raters` to a trial that was issued to them.

    What is on record stays: the same choice again is harmless, another one is refused.
    """
    # Plain texts: adapting identifiers one by one would cost more than the rest of this call.
    known = f"{{{','.join(map(str, raters))}}}"
    display = json.dumps(answer.display)
    values = [str(trial_id), known, answer.choice, answer.response_ms, display, now]
    while True:
        row = _execute(values)
        if row is None:
            return Judged(Outcome.UNKNOWN_TRIAL)
        stored, tie_refused, choice, response_ms = row
        if stored:
            return Judged(Outcome.STORED, answer.choice, answer.response_ms)
        if choice is not None:
            same = choice == answer.choice
            outcome = Outcome.REPEATED if same else Outcome.CONTRADICTED
            return Judged(outcome, choice, response_ms)
        if tie_refused:
            return Judged(Outcome.TIE_NOT_ALLOWED)
        # Another request stored its answer after this statement began: now it can be read.


def _execute(values: list[Any]) -> tuple[bool, bool, str | None, int | None] | None:
    """Run the statement; return (stored, tie refused, choice and time on record)."""
    with connection.cursor() as cursor:
        if connection.connection not in _prepared:
            cursor.execute(_PREPARE)
            _prepared.add(connection.connection)
        cursor.execute(_EXECUTE, values)
        row: tuple[bool, bool, str | None, int | None] | None = cursor.fetchone()
    return row
