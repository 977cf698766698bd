"""Which trials come next for a rater: those not judged yet, training, then what the agenda says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import transaction

from ratings.comparisons.agenda import agenda_of
from ratings.comparisons.checking import next_check, next_training
from ratings.comparisons.comparing import Comparisons
from ratings.comparisons.models import Judgment, PairCount, Rater, Trial
from ratings.comparisons.progress import Answers, TrainingProgress, at_training
from ratings.comparisons.shown import Shown
from ratings.comparisons.versions import current_version


def issue(rater: Rater, count: int, now: datetime, rng: np.random.Generator) -> list[Trial]:
    """Return up to `count` trials for a rater: first those not judged yet, then new ones.

    While the training is not over they are of its attempt alone. There are fewer where the study's
    trials per rater are reached or everything has been seen, and may be fewer while others are
    being issued; nothing new comes while the study is paused. Otherwise the list is empty only
    when nothing is left, and then the rater is marked as done, or as screened out. Safe for one
    rater in two windows and for many raters at once.
    """
    with transaction.atomic():
        rater = _lock(rater)
        trials, answers = _trials(rater), _standing_answers(rater)
        training = _training(rater, trials, answers)
        if rater.screened_out_at or (training and training.is_failed):
            return _screen_out(rater, now)
        attempt = training.attempt if training and not training.is_over else 0
        unjudged = [
            trial
            for trial in trials
            if trial.training_attempt == attempt and trial.pk not in answers
        ]
        room = count - len(unjudged)
        if room <= 0 or rater.study.paused_at or rater.finished_at:
            return unjudged[:count]
        shown = Shown(rater, trials, current_version(rater.study, now), now, rng)
        new = Trial.objects.bulk_create(_new(shown, attempt, room))
        if not unjudged and not new and trials:
            _mark(rater, finished_at=now)
    return unjudged + new


def _lock(rater: Rater) -> Rater:
    rows = Rater.objects.select_for_update(no_key=True, of=["self"])
    return rows.select_related("study__phase").get(pk=rater.pk)


def _trials(rater: Rater) -> list[Trial]:
    """Return the rater's trials, the training's first."""
    trials = Trial.objects.filter(rater=rater).select_related("crop", "pair")
    return sorted(trials, key=lambda t: (t.training_attempt == 0, t.training_attempt, t.number))


def _standing_answers(rater: Rater) -> dict[UUID, str]:
    """Return the choices of the rater's answers that are not undone, by trial."""
    standing = Judgment.objects.filter(trial__rater=rater, undone_at=None)
    return dict(standing.values_list("trial", "choice"))


def _training(
    rater: Rater, trials: Sequence[Trial], answers: Mapping[UUID, str]
) -> TrainingProgress | None:
    """Return where the rater is in the training; None where there is none, or none any more."""
    if any(trial.training_attempt == 0 for trial in trials):
        return None
    attempts: dict[int, Answers] = {}
    for trial in trials:
        before = attempts.get(trial.training_attempt, Answers())
        answer, original = answers.get(trial.pk), "left" if trial.first_left else "right"
        attempts[trial.training_attempt] = Answers(
            before.issued + 1,
            before.judged + (answer is not None),
            before.right + (answer == original),
        )
    return at_training(rater.study.how.training, attempts)


def _new(shown: Shown, attempt: int, room: int) -> list[Trial]:
    if not shown.trials and not _has_comparisons(shown.rater):
        return []
    trials = _new_training(shown, attempt, room) if attempt else []
    # Nobody waits for a training whose pictures are not made yet.
    is_training = attempt > 0 and len(shown.of_attempt(attempt)) > 0
    return trials if is_training else _new_others(shown, room)


def _has_comparisons(rater: Rater) -> bool:
    """Tell whether there is anything to train for."""
    active = {"pair__first__active": True, "pair__second__active": True}
    return PairCount.objects.filter(pair__study=rater.study_id, **active).exists()


def _new_training(shown: Shown, attempt: int, room: int) -> list[Trial]:
    """Return the next trials of a training attempt; none where there are no pictures for it."""
    left = shown.rater.study.how.training.trials - len(shown.of_attempt(attempt))
    trials = [next_training(shown, attempt) for _ in range(min(room, left))]
    return [trial for trial in trials if trial is not None]


def _new_others(shown: Shown, room: int) -> list[Trial]:
    """Return the next trials of the agenda; a comparison where a check is not possible."""
    comparisons = Comparisons(shown, room)
    issued = len(shown.of_attempt(0))
    trials: list[Trial] = []
    for kind in agenda_of(shown.rater)[issued : issued + room]:
        trial = next_check(shown, kind) or comparisons.next()
        if trial is None:
            break
        trials.append(trial)
    return trials


def _screen_out(rater: Rater, now: datetime) -> list[Trial]:
    if rater.screened_out_at is None:
        _mark(rater, screened_out_at=now)
    return []


def _mark(rater: Rater, **when: datetime) -> None:
    Rater.objects.filter(pk=rater.pk).update(**when)
