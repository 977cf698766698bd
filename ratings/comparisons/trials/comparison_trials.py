"""Comparisons for one rater: planned pairs, balanced crops and sides, never the same one twice."""

import re
from uuid import uuid4

from ratings.comparisons.models import Stage
from ratings.comparisons.participation import most_crops
from ratings.comparisons.trials.trial_history import (
    IssuedTrial,
    Kind,
    ShownCrop,
    ShownPair,
    TrialHistory,
)
from ratings.database.prepared_statements import PreparedStatement

# One statement, hence one transaction and one round trip: no pair stays locked while Python thinks.
#
# Among active entries: the pairs of which most planned trials wait, then the least issued ones,
# that still have a crop this rater has not seen them on; in a random order among equals. A
# balanced study plans nothing, so its least issued pair comes first. Pairs are looked at one by
# one, in this order, and the first one is taken that has such a crop. Two sessions at once get
# different pairs: one that is being issued is passed over, and so is one that was issued since
# this statement began, of whose counts it would know too little.
#
# Of a pair's least issued crops, one more than a picture has crops are looked at, so that one of
# them is of another picture than the last trial's, if there is one. The pair's first entry stands
# on the rarer side, or by chance. The index of trial_unique answers what the rater has seen.
# $1 trial, $2 rater, $3 study, $4 version, $5 number, $6 last picture, $7 crops looked at,
# $8 draw among pairs, $9 side by chance, $10 the crop's new place among equals, $11 now, $12 the
# entries of the rater's own team.
_TYPES = "uuid, uuid, bigint, bigint, int, bigint, int, bigint, bool, float8, timestamptz, bigint[]"
_ISSUE = """
    WITH chosen AS (
        SELECT p.id, p.first_id, p.second_id, c.count_id, c.crop_id, c.original_id, c.width,
            c.height, CASE WHEN 2 * p.issued_first_left = p.issued THEN $9
                ELSE 2 * p.issued_first_left < p.issued END AS first_left
        FROM (
            SELECT p.* FROM ratings_pair p
            JOIN ratings_entry a ON a.id = p.first_id AND a.active
            JOIN ratings_entry b ON b.id = p.second_id AND b.active
            WHERE p.study_id = $3 AND NOT p.first_id = ANY($12) AND NOT p.second_id = ANY($12)
            ORDER BY p.planned - p.issued DESC, p.issued, hashint8extended(p.id, $8)
            FOR NO KEY UPDATE OF p SKIP LOCKED
        ) p
        CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT c.id AS count_id, c.crop_id, c.issued, c.shuffle, k.original_id, k.width,
                    k.height
                FROM ratings_pair before
                JOIN ratings_paircount c ON c.pair_id = before.id
                JOIN ratings_crop k ON k.id = c.crop_id
                WHERE before.id = p.id AND before.issued = p.issued AND k.paused_at IS NULL
                    AND NOT EXISTS (
                    SELECT 1 FROM ratings_trial t
                    WHERE t.rater_id = $2 AND t.crop_id = c.crop_id AND t.pair_id = c.pair_id)
                ORDER BY c.issued, c.shuffle LIMIT $7
            ) least
            ORDER BY original_id IS NOT DISTINCT FROM $6, issued, shuffle LIMIT 1
        ) c
        LIMIT 1
    ), pair AS (
        UPDATE ratings_pair p SET issued = p.issued + 1,
            issued_first_left = p.issued_first_left + chosen.first_left::int
        FROM chosen WHERE p.id = chosen.id
    ), cell AS (
        UPDATE ratings_paircount c SET issued = c.issued + 1, shuffle = $10
        FROM chosen WHERE c.id = chosen.count_id
    ), added AS (
        INSERT INTO ratings_trial (id, rater_id, kind, crop_id, pair_id, level, first_left, number,
            training_attempt, version_id, issued_at)
        SELECT $1, $2, 'comparison', crop_id, id, 0, first_left, $5, 0, $4, $11 FROM chosen
    )
    SELECT crop_id, original_id, width, height, id, first_id, second_id, first_left FROM chosen
"""


def _of_pilot(statement: str) -> str:
    """Return a statement that counts a pilot's comparisons apart; nothing is planned of them."""
    return re.sub(r"\b(issued|issued_first_left)\b", r"pilot_\1", statement).replace(
        "p.planned - p.pilot_issued DESC, ", ""
    )


# The pair that would come first if nobody issued any: once it is free there is one to choose from.
_AWAIT_TYPES = "uuid, bigint, bigint[]"
_AWAIT = """
    SELECT p.id FROM ratings_pair p
    JOIN ratings_entry a ON a.id = p.first_id AND a.active
    JOIN ratings_entry b ON b.id = p.second_id AND b.active
    WHERE p.study_id = $2 AND NOT p.first_id = ANY($3) AND NOT p.second_id = ANY($3) AND EXISTS (
        SELECT 1 FROM ratings_paircount c JOIN ratings_crop k ON k.id = c.crop_id
        WHERE c.pair_id = p.id AND k.paused_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM ratings_trial t
            WHERE t.rater_id = $1 AND t.crop_id = c.crop_id AND t.pair_id = p.id))
    ORDER BY p.planned - p.issued DESC, p.issued LIMIT 1
    FOR NO KEY UPDATE OF p
"""
_ADDS = {
    Stage.MAIN: PreparedStatement("ratings_compare", _TYPES, _ISSUE),
    Stage.PILOT: PreparedStatement("ratings_compare_pilot", _TYPES, _of_pilot(_ISSUE)),
}
_AWAITS = {
    Stage.MAIN: PreparedStatement("ratings_await_pair", _AWAIT_TYPES, _AWAIT),
    Stage.PILOT: PreparedStatement("ratings_await_pair_pilot", _AWAIT_TYPES, _of_pilot(_AWAIT)),
}


def add_comparison(history: TrialHistory) -> IssuedTrial | None:
    """Issue one more comparison, counted and stored; return None when nothing is left."""
    while (trial := _add(history)) is None:
        # Perhaps all that are left are being issued at this moment.
        of = [history.rater.pk, history.rater.study_id, sorted(history.own)]
        if not _AWAITS[Stage(history.rater.stage)].rows(of):
            return None
    return trial


def _add(history: TrialHistory) -> IssuedTrial | None:
    pk, rng = uuid4(), history.rng
    draw, side, shuffle = int(rng.integers(2**63)), bool(rng.integers(2)), rng.random()
    rows = _ADDS[Stage(history.rater.stage)].rows(
        [
            *(pk, history.rater.pk, history.rater.study_id, history.version_id),
            *(history.next_number(0), history.last_original()),
            *(most_crops(history.rater.study) + 1, draw, side, shuffle, history.now),
            sorted(history.own),
        ]
    )
    for crop, original, width, height, pair, first, second, first_left in rows:
        shown = ShownCrop(crop, original, width, height)
        of = ShownPair(pair, first, second)
        return history.add(Kind.COMPARISON, shown, first_left=first_left, pk=pk, pair=of)
    return None
