"""A walk through a study as its raters see it, of which nothing is stored but how far it is.

There is no rater, no trial and no judgment: the trials are drawn from the walk's seed, each time
anew, so counters, quotas, schedules, rules and exports have nothing to see. It needs no study that
is open, nor one that has begun: what is not made yet is stood in for by the original, or by a
degraded version of it.
"""

from dataclasses import replace

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.trials.preview_trials import PreviewTrial, Walk, WalkTrials
from ratings.comparisons.trials.session_progress import (
    SessionProgress,
    State,
    TrainingProgress,
    TrialCounts,
    at_training,
)


def progress_of_walk(study: Study, walk: Walk) -> SessionProgress:
    """Return how far a walk is, by the same rules as a rater."""
    training = _training(study, walk)
    total = WalkTrials(study, walk).total
    return SessionProgress(_state(training, walk.judged, total), walk.judged, total, training)


def trials_of(study: Study, walk: Walk, count: int) -> list[PreviewTrial]:
    """Return the next `count` trials of a walk, or as many as are left."""
    progress, trials = progress_of_walk(study, walk), WalkTrials(study, walk)
    if progress.state is State.TRAINING and progress.training:
        done = progress.training.answers.judged
        numbers = range(done + 1, min(progress.training.trials, done + count) + 1)
        return trials.show(progress.training.attempt, numbers)
    if progress.state is State.JUDGING:
        return trials.show(0, range(walk.judged + 1, min(progress.total, walk.judged + count) + 1))
    return []


def answer(study: Study, walk: Walk, attempt: int, number: int, choice: str) -> tuple[Walk, bool]:
    """Return the walk after an answer, and whether it is right; the same one again adds nothing.

    Raises Refused, code "unknown-trial".
    """
    trial = _trial(study, walk, attempt, number)
    if attempt == 0:
        return replace(walk, judged=max(walk.judged, number)), True
    is_right = choice == trial.closer
    attempts = [*walk.training, *[""] * (attempt - len(walk.training))]
    if len(attempts[attempt - 1]) == number - 1:
        attempts[attempt - 1] += str(int(is_right))
    return replace(walk, training=tuple(attempts)), is_right


def skip(study: Study, walk: Walk, attempt: int, number: int) -> Walk:
    """Return the walk after a trial was flagged: of practice, as if it had been right.

    Raises Refused, code "unknown-trial".
    """
    return answer(study, walk, attempt, number, _trial(study, walk, attempt, number).closer)[0]


def undo_answer(study: Study, walk: Walk, attempt: int, number: int) -> Walk:
    """Return the walk as it was before the answer to a trial.

    Raises Refused, code "unknown-trial" or "training".
    """
    _trial(study, walk, attempt, number)
    if attempt:
        raise Refused("training", "A training trial's answer stays: its solution was shown.")
    return replace(walk, judged=min(walk.judged, number - 1))


def to_the_last(study: Study, walk: Walk) -> Walk:
    """Return the walk with its training passed and one trial left."""
    training = study.protocol.training
    passed = ("1" * training.trials,) if training.trials else ()
    return replace(walk, training=passed, judged=max(0, WalkTrials(study, walk).total - 1))


def _trial(study: Study, walk: Walk, attempt: int, number: int) -> PreviewTrial:
    """Return any one trial of a walk. Raises Refused, code "unknown-trial"."""
    training, trials = study.protocol.training, WalkTrials(study, walk)
    last = training.trials if attempt else trials.total
    is_one = 1 <= number <= last and attempt <= training.attempts
    shown = trials.show(attempt, [number]) if is_one else []
    if not shown:
        raise Refused("unknown-trial", "There is no such trial in this preview.")
    return shown[0]


def _training(study: Study, walk: Walk) -> TrainingProgress | None:
    attempts = {
        number: TrialCounts(len(answers), len(answers), answers.count("1"))
        for number, answers in enumerate(walk.training, start=1)
    }
    return at_training(study.protocol.training, attempts)


def _state(training: TrainingProgress | None, judged: int, total: int) -> State:
    if training and training.is_failed:
        return State.SCREENED_OUT
    if training and not training.is_over:
        return State.TRAINING
    return State.DONE if total and judged >= total else State.JUDGING
