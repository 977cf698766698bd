"""Attempts at a run: each counted, ended only by its own worker, given up after the fifth."""

from datetime import timedelta

import pytest

from ratings.challenge.refusals import Refused
from ratings.submissions import running
from ratings.submissions.models import Run, Submission
from tests.builders import NOW, build_decoder, build_submission

pytestmark = pytest.mark.django_db
State = Run.State


def build_run(state: Submission.State = Submission.State.QUEUED, **fields: bool) -> Run:
    """Put a run of a submission's decoder on record."""
    submission = build_submission(state=state, submitted_at=NOW)
    build_decoder(submission)
    return running.queue_run(submission, NOW, **fields)


def begun(run: Run) -> Run:
    found = running.begin_run(run.pk, NOW)
    assert found is not None
    return found


def test_a_run_that_a_dead_worker_left_is_no_longer_its_own() -> None:
    run = build_run()
    first = begun(run)
    assert running.still_mine(first).exists()
    second = begun(run)
    assert (first.attempt, second.attempt) == (1, 2)
    assert not running.still_mine(first).exists()
    assert running.still_mine(second).exists()


def test_after_five_attempts_the_server_is_at_fault() -> None:
    run = build_run()
    for _ in range(running.MOST_ATTEMPTS):
        begun(run)
    assert running.begin_run(run.pk, NOW) is None
    run.refresh_from_db()
    submission = run.submission
    submission.refresh_from_db()
    assert (run.state, run.verdict) == (State.FAILED, running.WORKERS_DIED)
    assert (submission.state, submission.failed_by_server) == (Submission.State.FAILED, True)
    assert submission.problems == [running.WORKERS_DIED]


def test_a_fault_of_the_servers_is_told_while_the_run_waits_and_when_it_is_given_up() -> None:
    run = build_run()
    for _ in range(running.MOST_ATTEMPTS):
        begun(run)
        assert running.postpone_run(run.pk, "The disk is full.", NOW)
    run.refresh_from_db()
    assert (run.state, run.verdict) == (State.WAITING, "The disk is full.")
    assert running.begin_run(run.pk, NOW) is None
    assert Submission.objects.get().problems == ["The disk is full."]


def test_what_has_ended_or_is_superseded_does_not_run() -> None:
    ended = build_run()
    running.succeed_run(begun(ended), "It ended.", NOW)
    assert running.begin_run(ended.pk, NOW) is None
    superseded = build_run(Submission.State.SUPERSEDED)
    assert running.begin_run(superseded.pk, NOW) is None
    superseded.refresh_from_db()
    assert (superseded.state, superseded.verdict) == (State.STOPPED, running.NOT_WANTED)


def test_a_superseded_run_does_not_wait_for_a_sandbox() -> None:
    run = build_run(Submission.State.SUPERSEDED)
    assert not running.postpone_run(run.pk, "No sandbox.", NOW)
    run.refresh_from_db()
    assert run.state == State.STOPPED


def test_the_database_is_asked_once_a_second_and_holds_the_log_till_then() -> None:
    seconds = iter([0.0, 0.0, 0.0, 0.5, 1.1, 1.1, 2.5, 2.5])
    run = begun(build_run())
    follower = running.Follower(run, lambda: next(seconds))
    follower.write(b"half\0")
    assert follower.keep_going()
    assert Run.objects.get().log == "half\N{REPLACEMENT CHARACTER}"
    follower.write(b" more")
    assert follower.keep_going()
    assert Run.objects.get().log.endswith("\N{REPLACEMENT CHARACTER}")
    assert follower.keep_going()
    assert Run.objects.get().log.endswith(" more")
    Submission.objects.update(state=Submission.State.SUPERSEDED)
    assert not follower.keep_going()


def test_a_run_that_compares_runs_though_its_submission_is_scored() -> None:
    run = build_run(Submission.State.SCORED, compares=True)
    assert running.still_mine(begun(run)).exists()
    running.fail_run(run, "It failed.", NOW)
    assert Submission.objects.get().state == Submission.State.SCORED


@pytest.mark.parametrize("state", ["open", "queued", "superseded"])
def test_only_what_has_ended_is_run_again(state: str) -> None:
    submission = build_submission(state=state)
    with pytest.raises(Refused, match=f"This submission is {state}"):
        running.run_again(submission.pk, NOW + timedelta(hours=1), note="Why not", by="me")


def test_nothing_is_run_again_without_a_decoder() -> None:
    submission = build_submission(state=Submission.State.FAILED)
    with pytest.raises(Refused, match="no decoder with bitstreams"):
        running.run_again(submission.pk, NOW, note="Why not", by="me")
    submission.refresh_from_db()
    assert submission.state == Submission.State.FAILED
