"""Variants of a ranking: the same judgments with other rules about which answers count.

The counters hold what the published ranking, `used`, is fitted to. The variants are fitted to the
judgments themselves: `careful` leaves fast answers out, `entered` takes
in the methods that have left, and `all` what was dropped and the raters who are not used as well.
Looking at all judgments costs seconds, so they are not made every few seconds like the published
one: as soon as the study has grown by half (all readings together then come to three
times the judgments), every ten minutes while judgments come, and at once where a study is paused or
closed, or a method has left, because then people look.
"""

from datetime import datetime, timedelta
from functools import cache

from django.db import transaction

from ratings.challenge.models import Dataset
from ratings.comparisons.models import Study
from ratings.comparisons.study.entries import WHY_LEFT, left_study
from ratings.psychometrics.inference.fitting import fit
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
        for dataset in [*ranked_datasets(study.phase), None]:
            tallies = variant_tallies(study, answers, dataset)
            published, *variants = (
                _source(study, dataset, tallies[variant], variant) for variant in Variant
            )
            beside = store_ranking(published, seen, None, fitted_to)
            for source in variants:
                store_ranking(source, seen, beside, fitted_to)


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
    if _is_reworded(study, latest):  # another rule, or another method has left: people look now
        return True
    if latest.beside == published and not has_news(study, latest):
        return False
    live = study.is_open and study.paused_at is None
    grown = published.judgments >= GROWTH * latest.beside.judgments
    return not live or grown or abs(now - latest.computed_at) >= EVERY


def _is_reworded(study: Study, everybody: Ranking) -> bool:
    """Tell whether a variant is to be of something else than it was fitted to."""
    others = (latest_ranking(study, None, one) for one in (Variant.CAREFUL, Variant.ENTERED))
    return any(
        version.notes[:1] != [words(version.variant, study)]
        for version in (*others, everybody)
        if version
    )


def _how(ranking: Ranking) -> tuple[object, str]:
    """Return how a ranking was made of its judgments."""
    return ranking.settings, ranking.method_version
