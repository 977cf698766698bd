"""Variants of a ranking: the same judgments with other rules about which answers count.

The counters hold what the published ranking, `used`, is fitted to. The variants are fitted to the
judgments themselves, all read at once: `careful` leaves fast answers out, `all` takes in what was
dropped and the raters who are not used. Reading is what they cost, about a second for 100,000
judgments, so they are not made every few seconds like the published one: as soon as the study has
grown by half (all readings together then come to three times the judgments), every ten minutes
while judgments come, and at once where a study is paused or closed, because then people look.
"""

from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from ratings.challenge.models import Dataset
from ratings.comparisons.answers import UNKNOWN, Answers, BoolArray, study_answers
from ratings.comparisons.models import Entry, Judgment, Study, Trial
from ratings.comparisons.protocol import Layout, Protocol
from ratings.psychometrics.judgments import JudgmentArrays
from ratings.psychometrics.tally import IntArray
from ratings.ranking.fitting import Source, ranked_datasets, seen_now, store
from ratings.ranking.models import Ranking, latest_ranking

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
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    with transaction.atomic():
        for dataset in [*ranked_datasets(study.phase), None]:
            part = answers if dataset is None else answers.where(answers["dataset"] == dataset.pk)
            published, *variants = (_source(study, dataset, part, variant) for variant in Variant)
            beside = store(published, seen)
            for source in variants:
                store(source, seen, beside)


def _source(study: Study, dataset: Dataset | None, answers: Answers, variant: str) -> Source:
    part = answers.where(chosen(variant, answers, study.how))
    tally = judgment_arrays(study, part).tally()
    is_simulated = bool(part["simulated"].any())
    return Source(study, dataset, tally, is_simulated, variant, words(variant, study.how))


def chosen(variant: str, answers: Answers, how: Protocol) -> BoolArray:
    """Tell which answers to comparisons a variant is of."""
    if variant == Variant.ALL:
        return np.ones(len(answers), np.bool_)
    used: BoolArray = (answers["used"] == 1) & (answers["excluded"] == 0)
    return used & ~is_fast(answers, how) if variant == Variant.CAREFUL else used


def is_fast(answers: Answers, how: Protocol) -> BoolArray:
    """Tell which answers are fast by the study's rule: too soon, or after too few flips.

    Flips say nothing where they are not told, and where nothing is flipped (layout `sides`).
    """
    rule, flips = how.screening, answers["flips"]
    fast: BoolArray = answers["response_ms"] < rule.fast_under_ms
    if how.layout != Layout.SIDES:
        fast |= (flips != UNKNOWN) & (flips < rule.fast_under_flips)
    return fast


def words(variant: str, how: Protocol) -> str:
    """Say what a variant is of; nothing for the published ranking."""
    rule = how.screening
    if variant == Variant.USED:
        return ""
    if variant == Variant.ALL:
        return "With raters who are not used, and with answers that were dropped."
    seconds = f"under {rule.fast_under_ms / 1000:g} s"
    if how.layout == Layout.SIDES or rule.fast_under_flips < 1:
        return f"Without answers {seconds}."
    return f"Without answers {seconds} or with fewer than {rule.fast_under_flips} flips."


def judgment_arrays(study: Study, answers: Answers) -> JudgmentArrays:
    """Return answers to comparisons as the pure functions take them.

    Raters are named by their identifiers, images by data set and name; methods and raters without
    an answer are left out.
    """
    labels = dict(Entry.objects.filter(study=study).values_list("pk", "label"))
    named = {
        crop["original"]: f"{crop['original__dataset__slug']}/{crop['original__name']}"
        for crop in study.crops.values("original", "original__name", "original__dataset__slug")
    }
    first, second, image = answers["first"], answers["second"], answers["image"]
    judged = np.unique(np.concatenate([first, second]))
    entries = sorted(judged.tolist(), key=lambda pk: labels[pk])
    images = sorted(np.unique(image).tolist(), key=lambda pk: named[pk])
    first, second = _places(first, entries), _places(second, entries)
    first_left = answers["first_left"] == 1
    present, rater = np.unique(answers.rater, return_inverse=True)
    return JudgmentArrays(
        methods=tuple(labels[entry] for entry in entries),
        raters=tuple(answers.raters[place] for place in present),
        images=tuple(named[pk] for pk in images),
        rater=rater,
        image=_places(image, images),
        shown=np.unique(answers["crop"], return_inverse=True)[1],
        left=np.where(first_left, first, second),
        right=np.where(first_left, second, first),
        choice=answers["choice"],
        response_ms=answers["response_ms"],
        judged_at=answers["judged_at"],
    )


def _places(values: IntArray, known: list[int]) -> IntArray:
    """Return the place of each value among known numbers."""
    order = np.argsort(known)
    return np.asarray(order[np.searchsorted(np.array(known)[order], values)], np.int64)


def _is_due(study: Study, now: datetime) -> bool:
    published, latest = latest_ranking(study), latest_ranking(study, None, Variant.ALL)
    if published is None:
        return False
    if latest is None or latest.beside is None or latest.settings != published.settings:
        return True
    if not _has_news(study, latest):
        return False
    live = study.is_open and study.paused_at is None
    grown = published.judgments >= GROWTH * latest.beside.judgments
    return not live or grown or now - latest.computed_at >= EVERY


def _has_news(study: Study, latest: Ranking) -> bool:
    """Tell whether anything happened in the study since its variants were fitted."""
    careful = latest_ranking(study, None, Variant.CAREFUL)
    said = [one.notes[:1] for one in (latest, careful) if one]
    wanted = [[words(variant, study.how)] for variant in (Variant.ALL, Variant.CAREFUL)]
    if study.changes != latest.seen_changes or said != wanted[: len(said)]:
        return True
    later = Judgment.objects.filter(pk__gt=latest.seen_judgment_id)
    return later.filter(trial__rater__study=study).exists()
