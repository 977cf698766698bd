"""Fitting: the counts of a study go in, a stored ranking comes out."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Q
from numpy.typing import NDArray

import ratings
from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, Judgment, RaterCount, Study
from ratings.psychometrics.fitting import Fit, Settings, fit, table
from ratings.psychometrics.printed import chances, covariance, to_columns
from ratings.psychometrics.tally import Tally, tally_counts
from ratings.ranking.models import Ranking, Score, latest_ranking

# What makes a refit necessary; see `seen_now`.
_NEWS = ("seen_judgment_id", "seen_changes")

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


@dataclass(frozen=True)
class Source:
    """What a ranking is of: the counts of a study, on one data set or all, by one variant.

    `words` say what the variant is of; they become its first note.
    """

    study: Study
    dataset: Dataset | None
    tally: Tally
    is_simulated: bool
    variant: str = Ranking.Variant.USED
    words: str = ""


def study_tally(study: Study, dataset: Dataset | None = None) -> Tally:
    """Return the study's counts per rater and per picture, on one data set or on all of them.

    Only judgments that count are in them (see `comparisons.judging`).
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
    seen = seen_now(study, now)
    latest = latest_ranking(study)
    if not seen["seen_judgment_id"]:
        return latest
    known = latest and latest.settings == asdict(study_settings(study))
    if known and all(getattr(latest, name) == seen[name] for name in _NEWS):
        return latest
    with transaction.atomic():
        for dataset in ranked_datasets(study.phase):
            _refit(study, dataset, seen)
        return _refit(study, None, seen)


def seen_now(study: Study, now: datetime) -> dict[str, Any]:
    """Return what a ranking says of its time, read before the judgments that it is of.

    Judgments come, are undone, and leave or join with their raters: any of it changes one of two
    numbers, the newest judgment of all and the study's count of changes.
    """
    newest = Judgment.objects.order_by("-id").values_list("id", flat=True).first()
    changes = Study.objects.values_list("changes", flat=True).get(pk=study.pk)
    return {"computed_at": now, "seen_judgment_id": newest or 0, "seen_changes": changes}


def study_settings(study: Study) -> Settings:
    """Return how the study's judgments are fitted."""
    return Settings(ties="davidson" if study.tie_model == Study.TieModel.DAVIDSON else "half")


def ranked_datasets(phase: Phase) -> list[Dataset]:
    """Return the data sets that have a ranking of their own: a single one needs none."""
    datasets = list(phase.datasets.order_by("slug"))
    return datasets if len(datasets) > 1 else []


def _refit(study: Study, dataset: Dataset | None, seen: dict[str, Any]) -> Ranking | None:
    source = Source(study, dataset, study_tally(study, dataset), _is_simulated(study, dataset))
    return store(source, seen)


def store(source: Source, seen: dict[str, Any], beside: Ranking | None = None) -> Ranking | None:
    """Return the ranking of a source, fitted if it is not there yet; it is the latest from now on.

    Without judgments it is None, unless there were some before: then it is a ranking of nothing.
    A variant is kept `beside` the published ranking that it is compared with.
    """
    settings = study_settings(source.study)
    fitted = Ranking.objects.filter(
        study=source.study, dataset=source.dataset, variant=source.variant
    )
    same = fitted.filter(
        input_sha256=source.tally.digest(),
        settings=asdict(settings),
        software_version=ratings.__version__,
    ).first()
    if same is None:
        if not source.tally.judgments and not fitted.exists():
            return None
        same = _create(source, fit(source.tally, settings), seen)
    same.beside = beside
    if source.words:
        same.notes = [source.words, *same.notes[1:]]
    for name, value in seen.items():
        setattr(same, name, value)
    same.save(update_fields=["beside", "notes", *seen])
    _keep_one_an_hour(same)
    return same


def _keep_one_an_hour(latest: Ranking) -> None:
    """Let a live study leave one ranking an hour, not one every few seconds.

    The one that variants are compared with stays until they are compared with another.
    """
    hour = latest.computed_at.replace(minute=0, second=0, microsecond=0)
    same = {"study": latest.study, "dataset": latest.dataset, "variant": latest.variant}
    passed = Ranking.objects.filter(**same, computed_at__gte=hour, variants=None)
    passed.exclude(pk=latest.pk).delete()


def _create(source: Source, fitted: Fit, seen: dict[str, Any]) -> Ranking:
    entries = {entry.label: entry for entry in Entry.objects.filter(study=source.study)}
    placed = [row.method for row in fitted.rows if row.rank is not None]
    ranking = Ranking.objects.create(
        study=source.study,
        dataset=source.dataset,
        variant=source.variant,
        settings=asdict(fitted.settings),
        input_sha256=fitted.input_sha256,
        software_version=ratings.__version__,
        judgments=fitted.judgments,
        raters=fitted.raters,
        pictures=fitted.pictures,
        simulated=source.is_simulated,
        provisional=fitted.provisional,
        notes=[*filter(None, [source.words]), *fitted.notes],
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
    """Tell whether any of the judgments that count is a synthetic rater's."""
    judged = Q(wins_first__gt=0) | Q(wins_second__gt=0) | Q(ties__gt=0)
    counts = RaterCount.objects.filter(judged, rater__study=study, rater__simulated=True)
    return (counts.filter(dataset=dataset) if dataset else counts).exists()
