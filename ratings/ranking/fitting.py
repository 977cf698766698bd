"""Fitting: the counts of a study go in, a stored ranking comes out."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction

import ratings
from ratings.comparisons.models import Entry, Judgment, Rater, Study
from ratings.psychometrics.fitting import Fit, Settings, fit, table
from ratings.psychometrics.tally import Tally, tally_counts
from ratings.ranking.models import Ranking, Score, latest_ranking

# Both halves in one statement see the same judgments, however many arrive meanwhile.
COUNTS = """
SELECT 'rater', dense_rank() OVER (ORDER BY c.rater_id), p.first_id, p.second_id,
       c.wins_first, c.wins_second, c.ties
FROM ratings_ratercount c JOIN ratings_pair p ON p.id = c.pair_id
WHERE p.study_id = %(study)s AND c.wins_first + c.wins_second + c.ties > 0
UNION ALL
SELECT 'picture', k.original_id, p.first_id, p.second_id,
       sum(c.wins_first), sum(c.wins_second), sum(c.ties)
FROM ratings_paircount c
JOIN ratings_pair p ON p.id = c.pair_id
JOIN ratings_crop k ON k.id = c.crop_id
WHERE p.study_id = %(study)s AND c.wins_first + c.wins_second + c.ties > 0
GROUP BY k.original_id, p.first_id, p.second_id
"""


def study_tally(study: Study) -> Tally:
    """Return the study's counts per rater and per picture; excluded judgments are not in them."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"study": study.pk})
        rows = cursor.fetchall()
    labels = dict(Entry.objects.filter(study=study).values_list("pk", "label"))
    judged = sorted({entry for row in rows for entry in row[2:4]}, key=lambda pk: labels[pk])
    index = {entry: position for position, entry in enumerate(judged)}
    tables: dict[str, list[list[int]]] = {"rater": [], "picture": []}
    for half, cluster, first, second, *counts in rows:
        numbers = [int(number) for number in counts]
        tables[half].append([int(cluster), index[first], index[second], *numbers])
    return tally_counts([labels[pk] for pk in judged], tables["rater"], tables["picture"])


def refit(study: Study, now: datetime) -> Ranking | None:
    """Return the ranking of the study's judgments, fitted if they are new; None without any.

    The same judgments, settings and software give the row that is already there.
    """
    newest = Judgment.objects.order_by("-id").values_list("id", flat=True).first()
    latest = latest_ranking(study)
    if newest is None or (latest and latest.seen_judgment_id == newest):
        return latest
    tally = study_tally(study)
    return _store(study, tally, newest, now) if tally.judgments else None


def _store(study: Study, tally: Tally, newest: int, now: datetime) -> Ranking:
    settings = Settings()
    seen = {"computed_at": now, "seen_judgment_id": newest}
    same = Ranking.objects.filter(
        study=study,
        input_sha256=tally.digest(),
        settings=asdict(settings),
        software_version=ratings.__version__,
    ).first()
    if same is None:
        same = _create(study, fit(tally, settings), seen)
    Ranking.objects.filter(pk=same.pk).update(**seen)
    _keep_one_an_hour(same, now)
    return same


def _keep_one_an_hour(latest: Ranking, now: datetime) -> None:
    """Let a live study leave one ranking an hour, not one every few seconds."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    passed = Ranking.objects.filter(study=latest.study, computed_at__gte=hour)
    passed.exclude(pk=latest.pk).delete()


def _create(study: Study, fitted: Fit, seen: dict[str, Any]) -> Ranking:
    simulated = Rater.objects.filter(study=study, simulated=True, counts__isnull=False)
    entries = {entry.label: entry for entry in Entry.objects.filter(study=study)}
    with transaction.atomic():
        ranking = Ranking.objects.create(
            study=study,
            settings=asdict(fitted.settings),
            input_sha256=fitted.input_sha256,
            software_version=ratings.__version__,
            judgments=fitted.judgments,
            raters=fitted.raters,
            pictures=fitted.pictures,
            simulated=simulated.exists(),
            provisional=fitted.provisional,
            notes=list(fitted.notes),
            **seen,
        )
        # Kept as printed, so that pages, exports and the rank command say the same digits.
        kept = {field.name for field in Score._meta.fields}
        Score.objects.bulk_create(
            Score(
                ranking=ranking,
                entry=entries[str(row["method"])],
                **{name: value for name, value in row.items() if name in kept},
            )
            for row in table(fitted)
        )
    return ranking
