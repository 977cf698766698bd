"""How far a rater is: pure rules of the training first, then states read from the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.models import Judgment, Rater, Trial
from ratings.comparisons.protocol import Protocol, Training
from ratings.comparisons.trials.session_progress import (
    SessionProgress,
    State,
    TrialCounts,
    at_training,
    progress_of_rater,
)
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater

RULE = Training(trials=3, right=2, attempts=2)


@pytest.mark.parametrize(
    ("answers", "attempt", "is_over", "is_failed"),
    [
        ({}, 1, False, False),
        ({1: TrialCounts(3, 2, 0)}, 1, False, False),
        ({1: TrialCounts(3, 3, 2)}, 1, True, False),
        ({1: TrialCounts(3, 3, 1)}, 2, False, False),
        ({1: TrialCounts(3, 3, 1), 2: TrialCounts(3, 1, 1)}, 2, False, False),
        ({1: TrialCounts(3, 3, 0), 2: TrialCounts(3, 3, 3)}, 2, True, False),
        ({1: TrialCounts(3, 3, 0), 2: TrialCounts(3, 3, 1)}, 2, True, True),
    ],
)
def test_an_attempt_follows_a_failed_one(
    answers: dict[int, TrialCounts], attempt: int, is_over: bool, is_failed: bool
) -> None:
    training = at_training(RULE, answers)
    assert training is not None
    assert (training.attempt, training.is_over, training.is_failed) == (attempt, is_over, is_failed)
    assert (training.trials, training.right, training.attempts) == (3, 2, 2)


def test_how_the_attempt_before_went_is_told() -> None:
    passed = at_training(RULE, {1: TrialCounts(3, 3, 0), 2: TrialCounts(3, 3, 3)})
    failed = at_training(RULE, {1: TrialCounts(3, 3, 1)})
    assert passed and (passed.answers.right, passed.before.right) == (3, 0)
    assert failed and (failed.answers.right, failed.before.right) == (0, 1)


def test_without_training_there_is_none() -> None:
    assert at_training(Training(trials=0), {}) is None


def build_trained(*, trials: int = 3, right: int = 2) -> Rater:
    """Save a rater of a study that has a training."""
    protocol = Protocol(training=Training(trials=trials, right=right))
    return build_rater(build_filled_study(protocol=protocol))


def add_trial(rater: Rater, number: int, attempt: int, right: bool | None) -> Trial:
    """Save a trial, with an answer unless `right` is None; it has the original on the left."""
    trial = Trial.objects.create(
        rater=rater,
        crop=rater.study.crops.all()[0],
        kind=Trial.Kind.TRAINING if attempt else Trial.Kind.GOLDEN,
        training_attempt=attempt,
        number=number,
        first_left=True,
        issued_at=NOW,
    )
    if right is not None:
        answer(trial, right)
    return trial


def answer(trial: Trial, right: bool, attempt: int = 1) -> Judgment:
    choice = "left" if right == trial.first_left else "right"
    return Judgment.objects.create(
        trial=trial, attempt=attempt, choice=choice, response_ms=1, judged_at=NOW
    )


def answer_training(rater: Rater, attempt: int, *right: bool) -> None:
    for number, is_right in enumerate(right, 1):
        add_trial(rater, number, attempt, is_right)


@pytest.mark.django_db
def test_training_then_judging_then_done() -> None:
    rater = build_trained()
    assert progress_of_rater(rater).state is State.TRAINING
    answer_training(rater, 1, True, False)
    progress = progress_of_rater(rater)
    assert (progress.state, progress.judged) == (State.TRAINING, 0)
    assert progress.training is not None and progress.training.answers == TrialCounts(2, 2, 1)
    add_trial(rater, 3, 1, True)
    assert progress_of_rater(rater).state is State.JUDGING
    add_trial(rater, 1, 0, True)
    assert progress_of_rater(rater).judged == 1
    rater.finished_at = NOW
    assert progress_of_rater(rater) == SessionProgress(
        State.DONE, 1, 1, progress_of_rater(rater).training
    )


@pytest.mark.django_db
def test_failing_for_good_screens_out_even_before_it_is_on_record() -> None:
    rater = build_trained()
    answer_training(rater, 1, False, False, True)
    assert progress_of_rater(rater).state is State.TRAINING
    answer_training(rater, 2, True, False, False)
    assert rater.screened_out_at is None
    assert progress_of_rater(rater).state is State.SCREENED_OUT


@pytest.mark.django_db
def test_ties_and_answers_undone_are_not_right() -> None:
    rater = build_trained(trials=2)
    undone = answer(add_trial(rater, 1, 1, None), True)
    Judgment.objects.filter(pk=undone.pk).update(undone_at=NOW)
    tie = answer(add_trial(rater, 2, 1, None), True)
    Judgment.objects.filter(pk=tie.pk).update(choice="tie")
    progress = progress_of_rater(rater)
    assert progress.training is not None and progress.training.answers == TrialCounts(2, 1, 0)


@pytest.mark.django_db
def test_a_training_that_came_later_stops_nobody() -> None:
    rater = build_trained(trials=0)
    add_trial(rater, 1, 0, True)
    rater.study.protocol_json = Protocol(training=Training(trials=3)).as_json()
    assert progress_of_rater(rater).state is State.JUDGING


@pytest.mark.django_db
def test_a_closed_study_ends_the_training_of_whoever_began_it() -> None:
    rater = build_trained()
    rater.study.is_open = False
    assert progress_of_rater(rater).state is State.TRAINING
    answer_training(rater, 1, True)
    assert progress_of_rater(rater).state is State.DONE


@pytest.mark.django_db
def test_undoing_the_last_answer_opens_it_again() -> None:
    rater = build_trained(trials=0)
    trial = add_trial(rater, 1, 0, True)
    rater.finished_at = NOW
    assert progress_of_rater(rater).state is State.DONE
    trial.judgments.update(undone_at=NOW)
    assert (progress_of_rater(rater).state, progress_of_rater(rater).judged) == (State.JUDGING, 0)
    answer(trial, False, attempt=2)
    assert (progress_of_rater(rater).state, progress_of_rater(rater).judged) == (State.DONE, 1)


@pytest.mark.django_db
def test_it_takes_two_queries() -> None:
    rater = build_trained()
    answer_training(rater, 1, True, True, True)
    with CaptureQueriesContext(connection) as queries:
        progress_of_rater(rater)
    assert len(queries) == 2
