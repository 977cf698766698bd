"""Which trials come next for a rater: those not judged yet, training, then the session plan's."""

from datetime import datetime

import numpy as np
from django.db import IntegrityError
from psycopg.errors import ForeignKeyViolation, UniqueViolation

from ratings.comparisons.models import Rater, Trial
from ratings.comparisons.session_plan import plan_of
from ratings.comparisons.study.versions import current_version
from ratings.comparisons.trials.catch_trials import next_catch_trial, next_training
from ratings.comparisons.trials.comparison_trials import add_comparison
from ratings.comparisons.trials.early_checks import checked_sooner, fewer_at_once
from ratings.comparisons.trials.rater_session import RaterSession, read_session
from ratings.comparisons.trials.session_progress import TrainingProgress, at_training, ends_early
from ratings.comparisons.trials.trial_history import IssuedTrial, TrialHistory


def issue(rater: Rater, count: int, now: datetime, rng: np.random.Generator) -> list[Trial]:
    """Return up to `count` trials for a rater, as `issue_next` does."""
    session = read_session(rater.pk, rater.study.slug)
    if session is None:
        raise Rater.DoesNotExist
    session, trials = issue_next(session, count, now, rng)
    return [trial.as_trial(session.rater) for trial in trials]


def issue_next(
    session: RaterSession, count: int, now: datetime, rng: np.random.Generator
) -> tuple[RaterSession, list[IssuedTrial]]:
    """Return up to `count` trials for a rater: those issued and not judged yet, then new ones.

    Also return the session as it is then. Until the training is over, all trials are those of its
    current attempt. A trial of an entry that has left since does not come again; an answer to it is
    still stored.

    There are fewer than `count` where the study's trials per rater are reached, the rater has seen
    everything, or is watched closely. A paused study issues nothing new, and a rater whose session
    ended, such as one who is not used, gets nothing at all. In all other cases an empty list means
    that nothing is left, and the rater is marked as done or as screened out. Safe for one rater in
    two windows, of whose trials each has a number of its own, and for many raters at once.
    """
    while True:
        try:
            return session, _issue(session, count, now, rng)
        except IntegrityError as error:
            # Another window was issued a trial of this number, or the crop was taken away.
            if not isinstance(error.__cause__, UniqueViolation | ForeignKeyViolation):
                raise
            session = read_session(session.rater.pk, session.rater.study.slug) or session


def _issue(
    session: RaterSession, count: int, now: datetime, rng: np.random.Generator
) -> list[IssuedTrial]:
    rater, training = session.rater, _training(session)
    if ends_early(rater):
        return []
    if rater.screened_out_at or (training and training.is_failed):
        return _screen_out(rater, now)
    attempt = training.attempt if training and not training.is_over else 0
    unjudged = [
        trial
        for trial in session.trials
        if trial.training_attempt == attempt
        and trial.choice is None
        and not trial.has_left(session.left)
    ]
    room = count - len(unjudged)
    if room <= 0 or rater.study.paused_at or rater.finished_at:
        return unjudged[:count]
    is_new = not session.trials
    if is_new and not session.cells:
        return []
    version = session.version_id or current_version(rater.study, now).pk
    history = TrialHistory(rater, session.trials, version, now, rng, session.left, session.own)
    new = _new(history, attempt, room)
    if not unjudged and not new and not is_new:
        _mark_finished(rater, now)
    return unjudged + new


def _training(session: RaterSession) -> TrainingProgress | None:
    """Return where the rater is in the training; None where there is none, or none any more."""
    attempts = session.counts()
    return None if 0 in attempts else at_training(session.rater.study.protocol.training, attempts)


def _new(history: TrialHistory, attempt: int, room: int) -> list[IssuedTrial]:
    trials = _new_training(history, attempt, room) if attempt else []
    # Nobody waits for a training whose pictures are not made yet.
    is_training = attempt > 0 and len(history.of_attempt(attempt)) > 0
    return trials if is_training else _new_others(history, room)


def _new_training(history: TrialHistory, attempt: int, room: int) -> list[IssuedTrial]:
    """Return the next trials of a training attempt; none where there are no pictures for it."""
    left = history.rater.study.protocol.training.trials - len(history.of_attempt(attempt))
    added = [next_training(history, attempt) for _ in range(min(room, left))]
    trials = [trial for trial in added if trial is not None]
    _store(history, *trials)
    return trials


def _new_others(history: TrialHistory, room: int) -> list[IssuedTrial]:
    """Return the next trials of the session plan; a comparison where a check is not possible."""
    issued = len(history.of_attempt(0))
    trials: list[IssuedTrial] = []
    room = fewer_at_once(history, room)
    for planned in plan_of(history.rater)[issued : issued + room]:
        kind = checked_sooner(history, planned)
        if check := next_catch_trial(history, kind):
            _store(history, check)
        trial = check or add_comparison(history)
        if trial is None:
            break
        trials.append(trial)
    return trials


def _store(history: TrialHistory, *trials: IssuedTrial) -> None:
    Trial.objects.bulk_create([trial.as_trial(history.rater) for trial in trials])


def _screen_out(rater: Rater, now: datetime) -> list[IssuedTrial]:
    if rater.screened_out_at is None:
        rater.screened_out_at = now
        Rater.objects.filter(pk=rater.pk).update(screened_out_at=now)
    return []


def _mark_finished(rater: Rater, now: datetime) -> None:
    rater.finished_at = now
    Rater.objects.filter(pk=rater.pk).update(finished_at=now)
