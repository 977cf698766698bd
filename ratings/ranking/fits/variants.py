"""Variants of a ranking: the same judgments with other rules about which answers count.

The counters hold what the published ranking, `used`, is fitted to. The variants are fitted to the
judgments themselves: `careful` leaves fast answers out, `entered` takes
in the methods that have left, and `all` what was dropped and the raters who are not used as well.
`adjust` and `strata` are of the published one's answers, and take out of it what the study's
file names.
Looking at all judgments costs seconds, so they are not made every few seconds like the published
one: as soon as the study has grown by half (all readings together then come to three
times the judgments), every ten minutes while judgments come, and at once where a study is paused or
closed, or a method has left, because then people look.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction

from ratings.challenge.models import Dataset
from ratings.comparisons.models import Study
from ratings.comparisons.study.entries import WHY_LEFT, left_study
from ratings.psychometrics.inference.adjusting import adjustment
from ratings.psychometrics.inference.fitting import fit
from ratings.ranking.fits.adjusted_variants import (
    ADJUSTED,
    AdjustedRanking,
    adjusted_rankings,
    adjusted_words,
    variants_of,
)
from ratings.ranking.fits.refitting import Source, ranked_datasets, store_ranking
from ratings.ranking.fits.variant_counts import VariantTally, variant_answers, variant_tallies
from ratings.ranking.models import Ranking, latest_ranking
from ratings.ranking.news import has_news, seen_now

Variant = Ranking.Variant
EVERY = timedelta(minutes=10)
GROWTH = 1.5


def refit_variants(study: Study, now: datetime) -> bool:
    """Fit all variants of a study's ranking, if that is due; tell whether it was."""
    study.refresh_from_db()
    is_due = _is_due(study, now)
    if is_due:
        fit_variants(study, now)
    return is_due


def fit_variants(study: Study, now: datetime) -> None:
    """Fit all variants of a ranking, each beside the published one of the same judgments."""
    seen = seen_now(study, now)
    answers = variant_answers(study)
    fitted_to = cache(fit)  # where nothing was dropped, or no method left, variants are alike
    with transaction.atomic():
        datasets = [*ranked_datasets(study.phase), None]
        beside = {}
        for dataset in datasets:
            tallies = variant_tallies(study, answers, dataset)
            published, *variants = (
                _source(study, dataset, tallies[variant], variant)
                for variant in Variant.values
                if variant in tallies
            )
            beside[dataset] = store_ranking(published, seen, None, fitted_to)
            for source in variants:
                store_ranking(source, seen, beside[dataset], fitted_to)
        for made in adjusted_rankings(study, datasets):
            _store_adjusted(study, made, seen, beside[made.dataset])


def _store_adjusted(
    study: Study, made: AdjustedRanking, seen: dict[str, Any], beside: Ranking | None
) -> None:
    adjusted = made.adjusted
    source = Source(
        *(study, made.dataset, made.judged.judgments.tally(), made.judged.is_simulated),
        variant=made.variant,
        words=words(made.variant, study),
        adjustment=adjustment(adjusted),
        input_sha256=adjusted.fit.input_sha256,
    )
    store_ranking(source, seen, beside, lambda tally, settings: adjusted.fit)


def _source(study: Study, dataset: Dataset | None, made: VariantTally, variant: str) -> Source:
    return Source(study, dataset, made.tally, made.is_simulated, variant, words(variant, study))


def words(variant: str, study: Study) -> str:
    """Say what a variant is of; nothing for the published ranking."""
    protocol = study.protocol
    if variant == Variant.USED:
        return ""
    if variant == Variant.ALL:
        return "With raters who are not used, dropped answers, and methods that have left."
    if variant == Variant.ENTERED:
        return _with_left(study)
    if variant in ADJUSTED:
        return adjusted_words(variant, study)
    seconds = f"under {protocol.screening.fast_under_ms / 1000:g} s"
    if not protocol.least_flips:
        return f"Without answers {seconds}."
    return f"Without answers {seconds} or with fewer than {protocol.least_flips} flips."


def _with_left(study: Study) -> str:
    gone = [f"{excluded.method} ({WHY_LEFT[excluded.kind]})" for excluded in left_study(study)]
    return f"With methods that have left: {', '.join(gone) or 'none has'}."


def _is_due(study: Study, now: datetime) -> bool:
    published = latest_ranking(study)
    if published is None:
        return False
    latest = latest_ranking(study, None, Variant.ALL)
    if latest is None or latest.beside is None or _how(latest) != _how(published):
        return True
    if _is_reworded(study, published, latest):  # another rule, or a method has left: people look
        return True
    if latest.beside == published and not has_news(study, latest):
        return False
    live = study.is_open and study.paused_at is None
    grown = published.judgments >= GROWTH * latest.beside.judgments
    return not live or grown or abs(now - latest.computed_at) >= EVERY


def _is_reworded(study: Study, published: Ranking, everybody: Ranking) -> bool:
    """Tell whether a variant is to be of something else than it was fitted to."""
    asked = [variant for variant in variants_of(study)[1:] if variant != Variant.ALL]
    fitted = {variant: latest_ranking(study, None, variant) for variant in asked}
    return any(
        version.notes[:1] != [words(variant, study)]
        if version
        else variant in ADJUSTED and published.judgments > 0
        for variant, version in [*fitted.items(), (Variant.ALL.value, everybody)]
    )


def _how(ranking: Ranking) -> tuple[object, str]:
    """Return how a ranking was made of its judgments."""
    return ranking.settings, ranking.method_version
