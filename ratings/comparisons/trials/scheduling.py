"""Which trials come next for a rater: those not judged yet, training, then the session plan's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from ratings.comparisons.locking import lock_rater, locking
from ratings.comparisons.models import Judgment, PairCount, Rater, Trial
from ratings.comparisons.participation import left_entries
from ratings.comparisons.session_plan import plan_of
from ratings.comparisons.study.versions import current_version
from ratings.comparisons.trials.catch_trials import next_catch_trial, next_training
from ratings.comparisons.trials.comparison_trials import ComparisonTrials
from ratings.comparisons.trials.session_progress import (
    TrainingProgress,
    TrialCounts,
    at_training,
    ends_early,
)
from ratings.comparisons.trials.trial_history import TrialHistory, has_left


def issue(rater: Rater, count: int, now: datetime, rng: np.random.Generator) -> list[Trial]:
    """Return up to `count` trials for a rater: those issued and not judged yet, then new ones.

    Until the training is over, all of them are trials of its current attempt. A trial of an entry
    that has left since does not come again; an answer to it is still stored.

    There are fewer than `count` where the study's trials per rater are reached, where the rater has
    seen everything, and perhaps while others are being issued trials. A paused study issues nothing
    new, and a rater who is not used gets nothing at all where the study ends such sessions. In all
    other cases an empty list means that nothing is left, and the rater is marked as done or as
    screened out. Safe for one rater in two windows and for many raters at once.
    """
    with locking():
        rater = lock_rater(rater.pk)
        if ends_early(rater):
            return []
        trials, answers = _trials(rater), _standing_answers(rater)
        training = _training(rater, trials, answers)
        if rater.screened_out_at or (training and training.is_failed):
            return _screen_out(rater, now)
        attempt = training.attempt if training and not training.is_over else 0
        left = set(left_entries(rater.study).values_list("pk", flat=True))
        unjudged = [
            trial
            for trial in trials
            if trial.training_attempt == attempt
            and trial.pk not in answers
            and not has_left(trial, left)
        ]
        room = count - len(unjudged)
        if room <= 0 or rater.study.paused_at or rater.finished_at:
            return unjudged[:count]
        history = TrialHistory(rater, trials, current_version(rater.study, now), now, rng, left)
        new = Trial.objects.bulk_create(_new(history, attempt, room))
        if not unjudged and not new and trials:
            _mark(rater, finished_at=now)
    return unjudged + new


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
    attempts: dict[int, TrialCounts] = {}
    for trial in trials:
        before = attempts.get(trial.training_attempt, TrialCounts())
        answer, original = answers.get(trial.pk), "left" if trial.first_left else "right"
        attempts[trial.training_attempt] = TrialCounts(
            before.issued + 1,
            before.judged + (answer is not None),
            before.right + (answer == original),
        )
    return at_training(rater.study.protocol.training, attempts)


def _new(history: TrialHistory, attempt: int, room: int) -> list[Trial]:
    if not history.trials and not _has_comparisons(history.rater):
        return []
    trials = _new_training(history, attempt, room) if attempt else []
    # Nobody waits for a training whose pictures are not made yet.
    is_training = attempt > 0 and len(history.of_attempt(attempt)) > 0
    return trials if is_training else _new_others(history, room)


def _has_comparisons(rater: Rater) -> bool:
    """Tell whether there is anything to train for."""
    active = {"pair__first__active": True, "pair__second__active": True}
    return PairCount.objects.filter(pair__study=rater.study_id, **active).exists()


def _new_training(history: TrialHistory, attempt: int, room: int) -> list[Trial]:
    """Return the next trials of a training attempt; none where there are no pictures for it."""
    left = history.rater.study.protocol.training.trials - len(history.of_attempt(attempt))
    trials = [next_training(history, attempt) for _ in range(min(room, left))]
    return [trial for trial in trials if trial is not None]


def _new_others(history: TrialHistory, room: int) -> list[Trial]:
    """Return the next trials of the session plan; a comparison where a check is not possible."""
    comparisons = ComparisonTrials(history, room)
    issued = len(history.of_attempt(0))
    trials: list[Trial] = []
    for kind in plan_of(history.rater)[issued : issued + room]:
        trial = next_catch_trial(history, kind) or comparisons.next()
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
