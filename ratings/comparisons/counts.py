"""The counter tables, computed again from the judgments they stand for."""

import random
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F

from ratings.comparisons.models import PairCount, RaterCount, Study

Counts = type[PairCount] | type[RaterCount]


@dataclass(frozen=True)
class Difference:
    """Wins of the pair's first entry, of the second, and ties: as counted, and as judged."""

    model: Counts
    key: dict[str, Any]
    counted: tuple[int, int, int]
    judged: tuple[int, int, int]


# `table` is a counter table, `names` are its key columns. A missing row counts as zeros.
_COMPARE = """
WITH judged AS (
    SELECT {names},
        count(*) FILTER (WHERE j.choice = CASE WHEN t.first_left THEN 'left' ELSE 'right' END) AS f,
        count(*) FILTER (WHERE j.choice = CASE WHEN t.first_left THEN 'right' ELSE 'left' END) AS s,
        count(*) FILTER (WHERE j.choice = 'tie') AS t
    FROM ratings_judgment j
    JOIN ratings_trial t ON t.id = j.trial_id AND t.kind = 'comparison'
    JOIN ratings_rater r ON r.id = t.rater_id AND r.state = 'used'
    JOIN ratings_pair p ON p.id = t.pair_id
    JOIN ratings_crop k ON k.id = t.crop_id JOIN ratings_original o ON o.id = k.original_id
    WHERE p.study_id = %(study)s AND j.undone_at IS NULL AND NOT j.excluded
    GROUP BY {names}
), counted AS (
    SELECT {names}, c.wins_first AS f, c.wins_second AS s, c.ties AS t
    FROM {table} c JOIN ratings_pair p ON p.id = c.pair_id
    WHERE p.study_id = %(study)s
)
SELECT {names}, coalesce(counted.f, 0), coalesce(counted.s, 0), coalesce(counted.t, 0),
    coalesce(judged.f, 0), coalesce(judged.s, 0), coalesce(judged.t, 0)
FROM counted FULL JOIN judged USING ({names})
WHERE (coalesce(counted.f, 0), coalesce(counted.s, 0), coalesce(counted.t, 0))
    <> (coalesce(judged.f, 0), coalesce(judged.s, 0), coalesce(judged.t, 0))
ORDER BY {names}
"""


def rebuild_counts(study: Study, *, repair: bool) -> list[Difference]:
    """Return where the counts differ from the judgments that count; repair if asked.

    Those are answers to comparisons, not undone and not excluded, by raters who are used.

    Each table is compared in one snapshot and the difference added to the counts row by row, so
    that judgments which arrive meanwhile stay counted. One repair of a study at a time.
    """
    differences = _compare(study, PairCount, ("pair_id", "crop_id"))
    differences += _compare(study, RaterCount, ("rater_id", "pair_id", "dataset_id"))
    if repair:
        for difference in differences:
            _repair(difference)
    return differences


def _compare(study: Study, model: Counts, names: tuple[str, ...]) -> list[Difference]:
    sql = _COMPARE.format(table=model._meta.db_table, names=", ".join(names))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"study": study.pk})
        return [
            Difference(model, dict(zip(names, row, strict=False)), row[-6:-3], row[-3:])
            for row in cursor.fetchall()
        ]


def _repair(difference: Difference) -> None:
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
