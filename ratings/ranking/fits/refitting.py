"""Fitting: the counts of a study go in, a stored ranking comes out."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

import ratings
from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, PairCount, RaterCount, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.design.floor import variance_floor
from ratings.psychometrics.inference.fitting import (
    METHOD_VERSION,
    Fit,
    Settings,
    fit,
    ranking_table,
)
from ratings.psychometrics.inference.ranking_row import FIGURES
from ratings.psychometrics.report.published import chances, covariance, ends_to_json, to_columns
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.models import SEEN, Ranking, Score, latest_ranking
from ratings.ranking.news import seen_now

# A closed study still gets answers to trials that were issued: they are looked for every minute,
# and every few seconds for so long after a ranking of it was stored.
LIVELY = timedelta(hours=1)
RESOLUTION = timedelta(microseconds=1)  # of instants in the database


@dataclass(frozen=True)
class Source:
    """What a ranking is of: the counts of a study, on one data set or all, by one variant.

    `words` say what the variant is of; they become its first note. `adjustment` says what was
    taken out of it, as JSON, and then `fitted` is it.
    """

    study: Study
    dataset: Dataset | None
    tally: Tally
    is_simulated: bool
    variant: str = Ranking.Variant.USED
    words: str = ""
    adjustment: Mapping[str, Any] = field(default_factory=dict)
    fitted: Fit | None = None


def refit(study: Study, now: datetime) -> Ranking | None:
    """Return the ranking of the study's judgments, fitted if they are new; None without any.

    Each data set gets a ranking of its own, where the phase has several. The same judgments,
    settings and version of the method give the rows that are already there.
    """
    seen, latest = seen_now(study, now), latest_ranking(study)
    if _is_current(study, latest, seen["seen_changes"]):
        return latest
    with transaction.atomic():
        for dataset in ranked_datasets(study.phase):
            _refit(study, dataset, seen)
        return _refit(study, None, seen)


def _is_current(study: Study, latest: Ranking | None, changes: int) -> bool:
    """Tell whether the study has nothing that its latest ranking is not of.

    Judgments come, are undone, leave or join with their raters and methods, and are counted again.
    All but the first are counted as changes, so that as many judgments as before are the same
    ones, in whatever order they came.
    """
    of = PairCount.objects.filter(pair__in=ranked_pairs(study))
    judged = of.aggregate(all=Sum(F("wins_first") + F("wins_second") + F("ties")))["all"] or 0
    if latest is None:
        return judged == 0
    return (latest.judgments, latest.seen_changes, latest.settings, latest.method_version) == (
        judged,
        changes,
        asdict(study_settings(study)),
        METHOD_VERSION,
    )


def live_studies(now: datetime) -> QuerySet[Study]:
    """Return the studies to look at every few seconds: open ones, and those ranked lately.

    The latter are those that any ranking was stored of within `LIVELY`.
    """
    ranked = Ranking.objects.filter(computed_at__gt=now - LIVELY)
    return Study.objects.filter(Q(is_open=True) | Q(pk__in=ranked.values("study")))


def study_settings(study: Study) -> Settings:
    """Return how the study's judgments are fitted."""
    return Settings(ties="davidson" if study.tie_model == Study.TieModel.DAVIDSON else "half")


def ranked_datasets(phase: Phase) -> list[Dataset]:
    """Return the data sets that have a ranking of their own: a single one needs none."""
    datasets = list(phase.datasets.order_by("slug"))
    return datasets if len(datasets) > 1 else []


def _refit(study: Study, dataset: Dataset | None, seen: dict[str, Any]) -> Ranking | None:
    source = Source(study, dataset, study_tally(study, dataset), _is_simulated(study, dataset))
    return store_ranking(source, seen)


def store_ranking(
    source: Source,
    seen: dict[str, Any],
    beside: Ranking | None = None,
    fitted_to: Callable[[Tally, Settings], Fit] = fit,
) -> Ranking | None:
    """Return the ranking of a source, fitted if it is not there yet; it is the latest from now on.

    Without judgments it is None, unless there were some before: then it is a ranking of nothing.
    A variant is kept `beside` the published ranking that it is compared with. `fitted_to` is `fit`,
    or knows what was fitted to the same tally before.
    """
    settings = study_settings(source.study)
    fitted = Ranking.objects.filter(
        study=source.study, dataset=source.dataset, variant=source.variant
    )
    same = fitted.filter(
        input_sha256=(source.fitted.input_sha256 if source.fitted else source.tally.digest()),
        settings=asdict(settings),
        method_version=METHOD_VERSION,
    ).first()
    if same is None:
        if not source.tally.judgments and not fitted.exists():
            return None
        same = _create(source, source.fitted or fitted_to(source.tally, settings), seen)
    # The same may have been adjusted when something else was asked for, and refused with a note.
    rest = source.fitted.notes if source.fitted else same.notes[bool(source.words) :]
    notes = [*filter(None, [source.words]), *rest]
    for name, value in {"beside": beside, "notes": notes, **seen}.items():
        setattr(same, name, value)
    # Not there any more where another process has stored a later one meanwhile.
    Ranking.objects.filter(pk=same.pk).update(beside=beside, notes=notes, **seen)
    _keep_one_an_hour(same)
    return same


def _keep_one_an_hour(latest: Ranking) -> None:
    """Let a live study leave one ranking an hour, not one every few seconds.

    The one that variants are compared with stays until they are compared with another; what is
    frozen stays, and what the boards show while they are.
    """
    begin = hour_of(latest.computed_at)
    frozen_from = latest.study.phase.boards_frozen_from
    if frozen_from and begin <= frozen_from < latest.computed_at:
        begin = frozen_from + RESOLUTION
    same = {"study": latest.study, "dataset": latest.dataset, "variant": latest.variant}
    passed = Ranking.objects.filter(**same, computed_at__gte=begin, variants=None, frozen=None)
    passed = passed.filter(**{f"{name}__lte": getattr(latest, name) for name in SEEN})
    passed.exclude(pk=latest.pk).delete()


def hour_of(at: datetime) -> datetime:
    """Return the beginning of an instant's hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def _create(source: Source, fitted: Fit, seen: dict[str, Any]) -> Ranking:
    """Store a fit, or return it as another process has stored it since it was looked for."""
    entries = {entry.label: entry for entry in Entry.objects.filter(study=source.study)}
    ranked = [row.method for row in fitted.rows if row.rank is not None]
    counted = {
        "judgments": fitted.judgments,
        "raters": fitted.raters,
        "pictures": fitted.pictures,
        "rater_groups": fitted.rater_groups,
        "scenes": fitted.scenes,
        "simulated": source.is_simulated,
        "provisional": fitted.provisional,
        "notes": [*filter(None, [source.words]), *fitted.notes],
        "tie": fitted.tie,
        "groups": [list(group) for group in fitted.groups],
        "pairs": to_columns(ranked, chances(fitted)),
        "open_ends": ends_to_json(fitted.open_ends),
        "adjustment": dict(source.adjustment),
        "covariance": covariance(fitted),
        **_floor(source),
        "software_version": ratings.__version__,
    }
    ranking, is_new = Ranking.objects.get_or_create(
        study=source.study,
        dataset=source.dataset,
        variant=source.variant,
        settings=asdict(fitted.settings),
        input_sha256=fitted.input_sha256,
        method_version=METHOD_VERSION,
        defaults=counted | seen,
    )
    if not is_new:
        return ranking
    # Kept as printed, so that pages, exports and the rank command say the same digits.
    Score.objects.bulk_create(
        Score(
            ranking=ranking,
            entry=entries[str(row["method"])],
            **{name: row[name] for name in FIGURES},
        )
        for row in ranking_table(fitted)
    )
    return ranking


def _floor(source: Source) -> dict[str, float]:
    """Return what raters and pictures leave, where pairing and the study's page ask for it."""
    if source.dataset or source.variant != Ranking.Variant.USED:
        return {}
    left = variance_floor(source.tally)
    return {"floor_raters": left.raters, "floor_pictures": left.pictures}


def _is_simulated(study: Study, dataset: Dataset | None) -> bool:
    """Tell whether any of the judgments that count is a synthetic rater's."""
    judged = Q(wins_first__gt=0) | Q(wins_second__gt=0) | Q(ties__gt=0)
    counts = RaterCount.objects.filter(judged, pair__in=ranked_pairs(study), rater__simulated=True)
    return (counts.filter(dataset=dataset) if dataset else counts).exists()
