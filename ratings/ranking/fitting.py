"""Fitting: the counts of a study go in, a stored ranking comes out."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

import ratings
from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, Judgment, RaterCount, Study
from ratings.psychometrics.fitting import Fit, Settings, fit, table
from ratings.psychometrics.printed import chances, covariance, to_columns
from ratings.psychometrics.tally import Tally, tally_counts
from ratings.ranking.models import Ranking, Score, latest_ranking

# Both halves in one statement see the same judgments, however many arrive meanwhile. Each comes
# as one run of 8-byte numbers: reading a row at a time would take longer than the fit.
COUNTS = """
WITH rater AS (
    SELECT id, row_number() OVER () AS number FROM ratings_rater WHERE study_id = %(study)s
), picture AS (
    SELECT k.original_id AS number, c.pair_id, sum(c.wins_first)::int8 AS wins_first,
           sum(c.wins_second)::int8 AS wins_second, sum(c.ties)::int8 AS ties
    FROM ratings_paircount c
    JOIN ratings_pair p ON p.id = c.pair_id
    JOIN ratings_crop k ON k.id = c.crop_id
    JOIN ratings_original o ON o.id = k.original_id
    WHERE p.study_id = %(study)s AND c.wins_first + c.wins_second + c.ties > 0
        AND o.dataset_id = coalesce(%(dataset)s, o.dataset_id)
    GROUP BY k.original_id, c.pair_id
)
SELECT (
    SELECT string_agg(int8send(number) || int8send(pair_id) || int8send(wins_first)
                      || int8send(wins_second) || int8send(ties), '')
    FROM ratings_ratercount JOIN rater ON rater.id = rater_id
    WHERE wins_first + wins_second + ties > 0
        AND dataset_id = coalesce(%(dataset)s, dataset_id)
), (
    SELECT string_agg(int8send(number) || int8send(pair_id) || int8send(wins_first)
                      || int8send(wins_second) || int8send(ties), '')
    FROM picture
)
"""


def study_tally(study: Study, dataset: Dataset | None = None) -> Tally:
    """Return the study's counts per rater and per picture, on one data set or on all of them.

    Excluded judgments are not in them.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"study": study.pk, "dataset": dataset.pk if dataset else None})
        halves = [np.frombuffer(half or b"", ">i8").reshape(-1, 5) for half in cursor.fetchone()]
    # Read after the counts, so that no pair is missing.
    known = study.pairs.order_by("pk").values_list("pk", "first_id", "second_id")
    pairs = np.array(known, np.int64).reshape(-1, 3)
    tables = [_with_entries(half.astype(np.int64), pairs) for half in halves]
    judged = np.unique(np.concatenate(tables)[:, 1:3])
    for rows in tables:
        rows[:, 1:3] = np.searchsorted(judged, rows[:, 1:3])
    labels = dict(Entry.objects.filter(study=study).values_list("pk", "label"))
    return tally_counts([labels[pk] for pk in judged.tolist()], *tables)


def _with_entries(rows: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put the entries of its pair (a row of `pairs`: pair, first, second) in place of each pair."""
    entries = pairs[np.searchsorted(pairs[:, 0], rows[:, 1]), 1:]
    return np.column_stack([rows[:, 0], entries, rows[:, 2:]])


def refit(study: Study, now: datetime) -> Ranking | None:
    """Return the ranking of the study's judgments, fitted if they are new; None without any.

    Each data set gets a ranking of its own, where the phase has several. The same judgments,
    settings and software give the rows that are already there.
    """
    newest = Judgment.objects.order_by("-id").values_list("id", flat=True).first()
    latest = latest_ranking(study)
    settings = study_settings(study)
    known = latest and latest.settings == asdict(settings)
    if newest is None or (known and latest and latest.seen_judgment_id == newest):
        return latest
    seen = {"computed_at": now, "seen_judgment_id": newest}
    with transaction.atomic():
        for dataset in ranked_datasets(study.phase):
            _refit(study, dataset, settings, seen)
        return _refit(study, None, settings, seen)


def study_settings(study: Study) -> Settings:
    """Return how the study's judgments are fitted."""
    return Settings(ties="davidson" if study.tie_model == Study.TieModel.DAVIDSON else "half")


def ranked_datasets(phase: Phase) -> list[Dataset]:
    """Return the data sets that have a ranking of their own: a single one needs none."""
    datasets = list(phase.datasets.order_by("slug"))
    return datasets if len(datasets) > 1 else []


def _refit(
    study: Study, dataset: Dataset | None, settings: Settings, seen: dict[str, Any]
) -> Ranking | None:
    tally = study_tally(study, dataset)
    if not tally.judgments:
        return None
    same = Ranking.objects.filter(
        study=study,
        dataset=dataset,
        input_sha256=tally.digest(),
        settings=asdict(settings),
        software_version=ratings.__version__,
    ).first()
    if same is None:
        same = _create(study, dataset, fit(tally, settings), seen)
    Ranking.objects.filter(pk=same.pk).update(**seen)
    _keep_one_an_hour(same, seen["computed_at"])
    return same


def _keep_one_an_hour(latest: Ranking, now: datetime) -> None:
    """Let a live study leave one ranking an hour, not one every few seconds."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    passed = Ranking.objects.filter(study=latest.study, dataset=latest.dataset)
    passed.filter(computed_at__gte=hour).exclude(pk=latest.pk).delete()


def _create(study: Study, dataset: Dataset | None, fitted: Fit, seen: dict[str, Any]) -> Ranking:
    entries = {entry.label: entry for entry in Entry.objects.filter(study=study)}
    placed = [row.method for row in fitted.rows if row.rank is not None]
    ranking = Ranking.objects.create(
        study=study,
        dataset=dataset,
        settings=asdict(fitted.settings),
        input_sha256=fitted.input_sha256,
        software_version=ratings.__version__,
        judgments=fitted.judgments,
        raters=fitted.raters,
        pictures=fitted.pictures,
        simulated=_is_simulated(study, dataset),
        provisional=fitted.provisional,
        notes=list(fitted.notes),
        tie=fitted.tie,
        groups=[list(group) for group in fitted.groups],
        pairs=to_columns(placed, chances(fitted)),
        covariance=covariance(fitted),
        **seen,
    )
    # Kept as printed, so that pages, exports and the rank command say the same digits.
    rows = [(entries[str(row.pop("method"))], row) for row in table(fitted)]
    Score.objects.bulk_create(Score(ranking=ranking, entry=entry, **row) for entry, row in rows)
    return ranking


def _is_simulated(study: Study, dataset: Dataset | None) -> bool:
    """Tell whether any of the judgments is a synthetic rater's."""
    counts = RaterCount.objects.filter(rater__study=study, rater__simulated=True)
    return (counts.filter(dataset=dataset) if dataset else counts).exists()
