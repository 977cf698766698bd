"""Attempts at a run: each counted, ended only by its own worker, given up after the fifth."""

from contextlib import suppress
from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction

from ratings.challenge.refusals import Refused
from ratings.submissions import running
from ratings.submissions.following import LIFELESS, Follower, still_mine
from ratings.submissions.models import Run, Submission
from tests.builders import NOW, build_decoder, build_submission

pytestmark = pytest.mark.django_db
State = Run.State


def build_run(state: Submission.State = Submission.State.QUEUED, **fields: bool) -> Run:
    """Put a run of a submission's decoder on record."""
    submission = build_submission(state=state, submitted_at=NOW)
    build_decoder(submission)
    return running.queue_run(submission, NOW, **fields)


def begun(run: Run, at: datetime = NOW) -> Run:
    found = running.begin_run(run.pk, at)
    assert found is not None
    return found


def lifeless(run: Run) -> datetime:
    """Return the first instant at which the run's worker counts as dead."""
    run.refresh_from_db()
    assert run.pulse_at is not None
    return run.pulse_at + LIFELESS


def test_a_run_that_a_dead_worker_left_is_no_longer_its_own() -> None:
    run = build_run()
    first = begun(run)
    assert still_mine(first).exists()
    with pytest.raises(running.StillRunning):
        running.begin_run(run.pk, lifeless(run) - timedelta(seconds=1))
    second = begun(run, lifeless(run))
    assert (first.attempt, second.attempt) == (1, 2)
    assert not still_mine(first).exists()
    assert still_mine(second).exists()


def test_after_five_attempts_the_server_is_at_fault() -> None:
    run, at = build_run(), NOW
    for _ in range(running.MOST_ATTEMPTS):
        begun(run, at)
        at = lifeless(run)
    assert running.begin_run(run.pk, at) is None
    run.refresh_from_db()
    submission = run.submission
    submission.refresh_from_db()
    assert (run.state, run.verdict) == (State.FAILED, running.GIVEN_UP)
    assert run.fault == running.WORKERS_DIED
    assert (submission.state, submission.failed_by_server) == (Submission.State.FAILED, True)
    assert submission.problems == [running.GIVEN_UP]


def test_a_fault_of_the_servers_is_kept_apart_from_the_verdict() -> None:
    run = build_run()
    for attempt in range(1, running.MOST_ATTEMPTS + 1):
        begun(run)
        assert running.postpone_run(run.pk, attempt, "/srv/full\0", NOW)
    run.refresh_from_db()
    assert (run.state, run.verdict) == (State.WAITING, running.POSTPONED)
    assert run.fault == "/srv/full\N{REPLACEMENT CHARACTER}"
    assert running.begin_run(run.pk, NOW) is None
    assert Submission.objects.get().problems == [running.GIVEN_UP]


def test_a_worker_taken_for_dead_does_not_postpone_the_next_one_s_attempt() -> None:
    run = build_run()
    begun(run)
    second = begun(run, lifeless(run))
    assert running.postpone_run(run.pk, 1, "I was slow.", NOW)
    assert running.postpone_run(run.pk, None, "No sandbox.", second.started_at or NOW)
    assert still_mine(second).exists()
    with pytest.raises(running.StillRunning):
        running.require_over(run.pk)
    assert running.postpone_run(run.pk, None, "No sandbox.", lifeless(run))
    assert not still_mine(second).exists()
    running.fail_run(second, "It failed.", NOW)
    running.require_over(run.pk)


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
    assert not running.postpone_run(run.pk, None, "No sandbox.", NOW)
    run.refresh_from_db()
    assert run.state == State.STOPPED


def test_a_pulse_keeps_log_and_life_and_tells_whether_the_run_is_wanted() -> None:
    run = begun(build_run())
    at = NOW + timedelta(seconds=3)
    follower = Follower(run, lambda: at)
    follower.write(b"half\0")
    follower.pulse()
    run.refresh_from_db()
    assert (run.log, run.pulse_at) == ("half\N{REPLACEMENT CHARACTER}", at)
    follower.write(b" more")
    follower.pulse()
    run.refresh_from_db()
    assert run.log.endswith(" more") and follower.keep_going()
    Submission.objects.update(state=Submission.State.SUPERSEDED)
    follower.pulse()
    assert not follower.keep_going()


@pytest.mark.django_db(transaction=True)
def test_a_run_goes_on_while_the_database_is_away() -> None:
    run = begun(build_run())
    follower = Follower(run, lambda: NOW)
    follower.write(b"kept")
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    follower.pulse()
    assert follower.keep_going() and Run.objects.get().log == ""
    follower.pulse()
    assert follower.keep_going() and Run.objects.get().log == "kept"


@pytest.mark.django_db(transaction=True)
def test_a_pulse_that_meets_the_end_of_its_run_leaves_the_log_whole() -> None:
    run = begun(build_run())
    follower = Follower(run, lambda: NOW)
    follower.write(b"the first ha")

    def pulse() -> None:
        follower.pulse()
        connection.close()

    thread = Thread(target=pulse)
    with transaction.atomic():
        assert still_mine(run).select_for_update(of=("self",)).get() == run
        thread.start()
        wait_for_a_lock(thread)
        run.log = "the first half, and the last"
        running.succeed_run(run, "It ended.", NOW)
    thread.join()
    assert not follower.keep_going()
    run.refresh_from_db()
    assert (run.state, run.log) == (State.SUCCEEDED, "the first half, and the last")


def wait_for_a_lock(thread: Thread) -> None:
    """Wait until the thread's connection waits for what this one holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        while cursor.execute(waiting).fetchone() == (0,):
            assert thread.is_alive()


def test_a_run_that_compares_runs_though_its_submission_is_scored() -> None:
    run = build_run(Submission.State.SCORED, compares=True)
    assert still_mine(begun(run)).exists()
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
