"""The counter tables: answers counted in or out, and all of them computed again.

`ratings_paircount` holds the answers that count by pair and crop, `ratings_ratercount` by rater,
pair and data set. Both are sums over `counting_rule.COUNTED`.
"""

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from ratings.comparisons.judgments.counting_rule import COUNTED
from ratings.comparisons.locking import note_change
from ratings.comparisons.models import Judgment, PairCount, Rater, RaterCount, Study

Counts = type[PairCount] | type[RaterCount]


@dataclass(frozen=True)
class CountDifference:
    """Wins of the pair's first entry, of the second, and ties: as counted, and as judged."""

    model: Counts
    key: dict[str, Any]
    counted: tuple[int, int, int]
    judged: tuple[int, int, int]


def move_pairs(rows: str, sign: str = "+") -> str:
    """Return the statement that adds rows to the counts by pair and crop; "-" takes them out.

    `rows` names a query of pair_id, crop_id, first, second and tie, each pair and crop once.
    """
    return f"""
    UPDATE ratings_paircount c SET wins_first = c.wins_first {sign} j.first,
        wins_second = c.wins_second {sign} j.second, ties = c.ties {sign} j.tie
    FROM {rows} j WHERE c.pair_id = j.pair_id AND c.crop_id = j.crop_id"""


def add_to_raters(rows: str) -> str:
    """Return the statement that adds rows to the counts by rater, pair and data set.

    `rows` names a query of rater_id, pair_id, dataset_id, first, second and tie, each key once.
    """
    return f"""
    INSERT INTO ratings_ratercount AS c
        (rater_id, pair_id, dataset_id, wins_first, wins_second, ties)
    SELECT rater_id, pair_id, dataset_id, first, second, tie FROM {rows}
    ON CONFLICT (rater_id, pair_id, dataset_id) DO UPDATE SET
        wins_first = c.wins_first + excluded.wins_first,
        wins_second = c.wins_second + excluded.wins_second,
        ties = c.ties + excluded.ties"""


# `which` is a column of COUNTED. Answers of one rater, whose row is locked, are moved at a time.
_MOVED = f"""
WITH judged AS (
    SELECT rater_id, pair_id, crop_id, dataset_id,
        sum(first) AS first, sum(second) AS second, sum(tie) AS tie
    FROM ({COUNTED}) answer WHERE {{which}} = %(key)s
    GROUP BY rater_id, pair_id, crop_id, dataset_id
), by_rater AS (
    SELECT rater_id, pair_id, dataset_id,
        sum(first) AS first, sum(second) AS second, sum(tie) AS tie
    FROM judged GROUP BY rater_id, pair_id, dataset_id
)"""
_COUNT_IN = f"""{_MOVED}, by_crop AS ({move_pairs("judged")})
{add_to_raters("by_rater")}
"""
_COUNT_OUT = f"""{_MOVED}, by_crop AS ({move_pairs("judged", "-")})
UPDATE ratings_ratercount c SET wins_first = c.wins_first - first,
    wins_second = c.wins_second - second, ties = c.ties - tie
FROM by_rater j
WHERE c.rater_id = j.rater_id AND c.pair_id = j.pair_id AND c.dataset_id = j.dataset_id
"""


def count_in(rater: Rater) -> None:
    """Add what counts of a rater to both tables, once the rater is used."""
    _move(_COUNT_IN, "rater_id", rater.pk)


def count_out(what: Rater | Judgment) -> None:
    """Take what counts of a rater, or one answer, out of both tables, as long as it counts."""
    which = "rater_id" if isinstance(what, Rater) else "judgment_id"
    _move(_COUNT_OUT, which, what.pk)


def _move(sql: str, which: str, key: UUID | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(which=which), {"key": key})


# `table` is a counter table, `names` are its key columns. A missing row counts as zeros.
_COMPARE = f"""
WITH judged AS (
    SELECT {{names}}, sum(first) AS f, sum(second) AS s, sum(tie) AS t
    FROM ({COUNTED}) answer WHERE study_id = %(study)s
    GROUP BY {{names}}
), counted AS (
    SELECT {{names}}, c.wins_first AS f, c.wins_second AS s, c.ties AS t
    FROM {{table}} c JOIN ratings_pair p ON p.id = c.pair_id
    WHERE p.study_id = %(study)s
)
SELECT {{names}}, coalesce(counted.f, 0), coalesce(counted.s, 0), coalesce(counted.t, 0),
    coalesce(judged.f, 0), coalesce(judged.s, 0), coalesce(judged.t, 0)
FROM counted FULL JOIN judged USING ({{names}})
WHERE (coalesce(counted.f, 0), coalesce(counted.s, 0), coalesce(counted.t, 0))
    <> (coalesce(judged.f, 0), coalesce(judged.s, 0), coalesce(judged.t, 0))
ORDER BY {{names}}
"""


def rebuild_counts(study: Study, *, repair: bool) -> list[CountDifference]:
    """Return where the counts differ from the judgments that count; repair if asked.

    Each table is compared in one snapshot and the difference added to the counts row by row, so
    that judgments which arrive meanwhile stay counted. One repair of a study at a time. What was
    repaired is a change of the study, so that it is ranked anew though as many judgments count.
    """
    differences = _compare(study, PairCount, ("pair_id", "crop_id"))
    differences += _compare(study, RaterCount, ("rater_id", "pair_id", "dataset_id"))
    if repair:
        for difference in differences:
            _repair(difference)
        if differences:
            note_change(study.pk)
    return differences


def _compare(study: Study, model: Counts, names: tuple[str, ...]) -> list[CountDifference]:
    sql = _COMPARE.format(table=model._meta.db_table, names=", ".join(names))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"study": study.pk})
        return [
            CountDifference(model, dict(zip(names, row, strict=False)), row[-6:-3], row[-3:])
            for row in cursor.fetchall()
        ]


def _repair(difference: CountDifference) -> None:
    missing = {"shuffle": random.random()} if difference.model is PairCount else {}
    difference.model._default_manager.get_or_create(defaults=missing, **difference.key)
    first, second, ties = (
        right - wrong for right, wrong in zip(difference.judged, difference.counted, strict=True)
    )
    difference.model._default_manager.filter(**difference.key).update(
        wins_first=F("wins_first") + first,
        wins_second=F("wins_second") + second,
        ties=F("ties") + ties,
    )
