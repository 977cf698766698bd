"""Storing a judgment together with the counts made of it, once, whatever is sent again; undoing it.

What changes whether an answer counts (see `counting_rule`) locks the rater's row, so that such acts
come one after another for a rater: storing shares it, undoing and deciding about the rater hold it
alone (see `locking`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgment_facts import MOST_ATTEMPTS
from ratings.comparisons.judgments.counter_tables import add_to_raters, count_out, move_pairs
from ratings.comparisons.judgments.counting_rule import adds_sql, counts_sql
from ratings.comparisons.judgments.drop_reasons import NO_FLIP_WORDS, TOO_FAST_WORDS
from ratings.comparisons.locking import lock_rater_of, locking, note_change
from ratings.comparisons.models import Judgment, Rater, Stage, Trial
from ratings.comparisons.protocol import Layout, Screening
from ratings.database.prepared_statements import PreparedStatement


class JudgmentOutcome(Enum):
    """What became of a judgment that was sent."""

    STORED = "stored"
    REPEATED = "repeated"
    CONTRADICTED = "contradicted"
    UNDONE = "undone"
    NOT_UNDONE = "not undone"
    TIE_NOT_ALLOWED = "tie not allowed"
    UNKNOWN_TRIAL = "unknown trial"


@dataclass(frozen=True)
class Answer:
    """A rater's answer to one trial, and the facts of how the pictures were shown.

    `attempt` is 1, and one more after each answer to the trial that was undone.
    """

    choice: str
    response_ms: int
    display: dict[str, Any]
    attempt: int = 1


@dataclass(frozen=True)
class JudgmentResult:
    """The outcome, and the answer that is on record where there is one.

    `correct` is told of training trials alone.
    """

    outcome: JudgmentOutcome
    choice: str | None = None
    response_ms: int | None = None
    correct: bool | None = None


# One statement, hence one transaction and one round trip: the judgment, and what it adds to the
# counts of its pair on its crop and of its pair by its rater on its data set. Nothing is added
# where this attempt has a judgment already. Its plan may be older than the judgments are many, so
# what is on record is looked up only where nothing was stored (OFFSET 0 keeps the planner from
# joining first).
#
# The rater's row is locked, not only read: a decision about the rater that is under way is waited
# for, its outcome is what is read then, and one that begins later finds this judgment stored.
# $1 trial, $2 raters, $3 attempt, $4 choice, $5 response_ms, $6 display, $7 now.
_JUDGE = PreparedStatement(
    "ratings_judge",
    "uuid, uuid[], int, text, int, jsonb, timestamptz",
    f"""
WITH found AS (
    SELECT t.id, t.rater_id, t.crop_id, t.pair_id, o.dataset_id, t.first_left,
        t.kind, r.state, r.stage, t.kind = 'training' AS is_training,
        $4 <> 'tie' OR s.ties_allowed AS choice_allowed,
        $3 = 1 OR (
            SELECT b.undone_at FROM ratings_judgment b
            WHERE b.trial_id = t.id AND b.attempt = $3 - 1
        ) IS NOT NULL AS attempt_allowed,
        coalesce((s.protocol_json #>> '{{screening,drop_under_ms}}')::int,
            {Screening.drop_under_ms}) AS least_ms,
        coalesce((s.protocol_json #>> '{{screening,drop_unflipped}}')::bool,
            {Screening.drop_unflipped})
            AND coalesce(s.protocol_json ->> 'layout', '') <> '{Layout.SIDES}'
            AND ($6 ->> 'flips')::int = 0 AS unflipped
    FROM ratings_trial t
    JOIN ratings_rater r ON r.id = t.rater_id JOIN ratings_study s ON s.id = r.study_id
    JOIN ratings_crop k ON k.id = t.crop_id JOIN ratings_original o ON o.id = k.original_id
    WHERE t.id = $1 AND t.rater_id = ANY($2) AND r.withdrawn_at IS NULL
    FOR SHARE OF r
), trial AS (
    SELECT *, {adds_sql("$4", "first_left")},
        CASE WHEN is_training THEN ''
             WHEN $5 < least_ms THEN '{TOO_FAST_WORDS}' || least_ms || ' ms'
             WHEN unflipped THEN '{NO_FLIP_WORDS}' ELSE '' END AS dropped
    FROM found
), stored AS (
    INSERT INTO ratings_judgment
        (trial_id, attempt, choice, response_ms, judged_at, display, excluded, exclusion_reason)
    SELECT id, $3, $4, $5, $7, $6, dropped <> '', dropped
    FROM trial WHERE choice_allowed AND attempt_allowed
    ON CONFLICT (trial_id, attempt) DO NOTHING
    RETURNING trial_id, undone_at, excluded
), counted AS (
    SELECT trial.* FROM trial JOIN stored ON stored.trial_id = trial.id
    WHERE {counts_sql(trial="trial", rater="trial", judgment="stored")}
), pair_counted AS ({move_pairs("counted")}
), rater_counted AS ({add_to_raters("counted")}
)
SELECT EXISTS (SELECT 1 FROM stored), j.choice, j.response_ms, j.undone_at IS NOT NULL,
    CASE WHEN NOT is_training THEN NULL WHEN first_left THEN 'left' ELSE 'right' END,
    choice_allowed, attempt_allowed
FROM trial LEFT JOIN LATERAL (
    SELECT * FROM ratings_judgment
    WHERE trial_id = trial.id AND attempt = $3 AND NOT EXISTS (SELECT 1 FROM stored)
    OFFSET 0
) j ON TRUE
""",
)

# Whether it was stored; choice and time on record, and whether undone; the right choice of a
# training trial; whether the study allows the choice, and earlier undoing the attempt.
_Row = tuple[bool, str | None, int | None, bool, str | None, bool, bool]


def judge(trial_id: UUID, raters: Sequence[UUID], answer: Answer, now: datetime) -> JudgmentResult:
    """Store the answer of one of `raters` to a trial that was issued to them.

    What is on record stays: the same choice again is harmless, another one is refused. An answer
    that the study's rules drop is stored and not counted.
    """
    # Plain texts: adapting identifiers one by one would cost more than the rest of this call.
    known = f"{{{','.join(map(str, raters))}}}"
    display = json.dumps(answer.display)
    values = [str(trial_id), known, answer.attempt, answer.choice, answer.response_ms, display, now]
    while True:
        rows: list[_Row] = _JUDGE.rows(values)
        if not rows:
            return JudgmentResult(JudgmentOutcome.UNKNOWN_TRIAL)
        ((stored, choice, response_ms, undone, right, choice_allowed, attempt_allowed),) = rows
        if stored:
            return _judged(JudgmentOutcome.STORED, answer.choice, answer.response_ms, right)
        if choice == answer.choice:
            return _judged(JudgmentOutcome.REPEATED, choice, response_ms, right)
        if choice is not None:
            return JudgmentResult(
                JudgmentOutcome.UNDONE if undone else JudgmentOutcome.CONTRADICTED,
                choice,
                response_ms,
            )
        if not choice_allowed:
            return JudgmentResult(JudgmentOutcome.TIE_NOT_ALLOWED)
        if not attempt_allowed:
            return JudgmentResult(JudgmentOutcome.NOT_UNDONE)
        # Another request stored its answer after this statement began: now it can be read.


def _judged(
    outcome: JudgmentOutcome, choice: str, response_ms: int | None, right: str | None
) -> JudgmentResult:
    return JudgmentResult(outcome, choice, response_ms, None if right is None else choice == right)


def undo(trial_id: UUID, raters: Sequence[UUID], attempt: int, now: datetime) -> int:
    """Take back a rater's last answer, and what it counted; return the attempt that comes next.

    The answer stays on record, marked. Undoing again what is undone changes nothing. Raises
    Refused, code "unknown-trial", "unknown-judgment", "training", "not-the-last" or "undo-limit".
    """
    with locking():
        trial = lock_rater_of(trial_id, raters)
        if trial is None:
            raise Refused("unknown-trial", "There is no such trial of yours.")
        judgment = trial.judgments.filter(attempt=attempt).first()
        if judgment is None:
            raise Refused("unknown-judgment", f"No answer of attempt {attempt} is stored.")
        if judgment.undone_at is None:
            _refuse_undo(trial, judgment)
            _take_back(trial, judgment, now)
    return attempt + 1


def _refuse_undo(trial: Trial, judgment: Judgment) -> None:
    if trial.kind == Trial.Kind.TRAINING:
        raise Refused("training", "A training trial's answer stays: its solution was shown.")
    standing = Judgment.objects.filter(trial__rater=trial.rater_id, undone_at=None)
    if standing.filter(pk__gt=judgment.pk).exists():
        raise Refused(
            "not-the-last", "A later trial is judged; only the last answer can be undone."
        )
    if judgment.attempt >= MOST_ATTEMPTS:
        raise Refused("undo-limit", f"A trial is judged at most {MOST_ATTEMPTS} times.")


def _take_back(trial: Trial, judgment: Judgment, now: datetime) -> None:
    if trial.rater.stage == Stage.MAIN:
        note_change(trial.rater.study_id)
        count_out(judgment)
    Judgment.objects.filter(pk=judgment.pk).update(undone_at=now)
    Rater.objects.filter(pk=trial.rater_id).update(finished_at=None)
