"""Variants of a ranking: the same judgments with other rules about which answers count.

The counters hold what the published ranking, `used`, is fitted to. The variants are fitted to the
judgments themselves, all read at once: `careful` leaves fast answers out, `entered` takes in the
methods that have left, and `all` what was dropped and the raters who are not used as well. Reading
is what they cost, about a second for 100,000 judgments, so they are not made every few seconds like
the published one: as soon as the study has grown by half (all readings together then come to three
times the judgments), every ten minutes while judgments come, and at once where a study is paused or
closed, or a method has left, because then people look.
"""

from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from ratings.challenge.models import Dataset
from ratings.comparisons.judgments.answers import Answers, study_answers
from ratings.comparisons.models import Entry, Judgment, Study, Trial
from ratings.comparisons.participation import left_entries
from ratings.comparisons.study.entries import WHY_LEFT, left_study
from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.ranking.models import Ranking, latest_ranking
from ratings.ranking.refitting import Source, ranked_datasets, seen_now, store_ranking

Variant = Ranking.Variant
EVERY = timedelta(minutes=10)
GROWTH = 1.5
MANY = 10_000


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
            beside = store_ranking(published, seen)
            for source in variants:
                store_ranking(source, seen, beside)


def _source(study: Study, dataset: Dataset | None, answers: Answers, variant: str) -> Source:
    part = answers.where(chosen(variant, answers, study))
    tally = arrays_of_answers(study, part).tally()
    is_simulated = bool(part["simulated"].any())
    return Source(study, dataset, tally, is_simulated, variant, words(variant, study))


def chosen(variant: str, answers: Answers, study: Study) -> BoolArray:
    """Tell which answers to comparisons a variant is of: each of the four takes in more."""
    if variant == Variant.ALL:
        return np.ones(len(answers), np.bool_)
    entered: BoolArray = answers["counts"] == 1
    if variant == Variant.ENTERED:
        return entered
    gone = list(left_entries(study).values_list("pk", flat=True))
    used = entered & ~(np.isin(answers["first"], gone) | np.isin(answers["second"], gone))
    if variant == Variant.USED:
        return used
    return used & ~study.protocol.is_fast(answers["response_ms"], answers["flips"])


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


def arrays_of_answers(study: Study, answers: Answers) -> JudgmentArrays:
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
    if latest is None or latest.beside is None or _how(latest) != _how(published):
        return True
    if _is_reworded(study):  # another rule, or another method has left: people look now
        return True
    if latest.beside == published and not _has_news(study, latest):
        return False
    live = study.is_open and study.paused_at is None
    grown = published.judgments >= GROWTH * latest.beside.judgments
    return not live or grown or abs(now - latest.computed_at) >= EVERY


def _is_reworded(study: Study) -> bool:
    """Tell whether a variant is to be of something else than it was fitted to."""
    fitted = [latest_ranking(study, None, variant) for variant in Variant]
    return any(
        version.notes[:1] != [words(version.variant, study)] for version in fitted[1:] if version
    )


def _how(ranking: Ranking) -> tuple[object, str]:
    """Return how a ranking was made of its judgments."""
    return ranking.settings, ranking.method_version


def _has_news(study: Study, latest: Ranking) -> bool:
    """Tell whether anything happened in the study since its variants were fitted."""
    if study.changes != latest.seen_changes:
        return True
    newest = Judgment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    later = Judgment.objects.filter(pk__gt=latest.seen_judgment_id, pk__lte=newest)
    if later.filter(trial__rater__study=study).exists():
        return True
    if newest - latest.seen_judgment_id > MANY:  # other studies' are not looked through again
        Ranking.objects.filter(pk=latest.pk).update(seen_judgment_id=newest)
    return False
