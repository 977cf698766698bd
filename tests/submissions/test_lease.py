"""Attempts at a run: each counted, ended only by its own worker, given up after the fifth."""

from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from ratings.challenge.refusals import Refused
from ratings.submissions.models import Run, Submission, Worker
from ratings.submissions.runs import lease, lifecycle, reruns
from ratings.submissions.runs.heartbeat import run_heartbeat
from ratings.submissions.runs.lease import LEASE_SECONDS, lease_of
from ratings.submissions.submission_locks import lock
from tests.builders import NOW, build_decoder, build_submission
from tests.waiting import PATIENCE_SECONDS, await_one_held_up

pytestmark = pytest.mark.django_db
State = Run.State


def build_run(state: Submission.State = Submission.State.QUEUED, **fields: bool) -> Run:
    """Put a run of a submission's decoder on record."""
    submission = build_submission(state=state, submitted_at=NOW)
    build_decoder(submission)
    return lifecycle.queue_run(submission, NOW, **fields)


def begun(run: Run, at: datetime = NOW) -> Run:
    claimed = lease.claim(run.pk, at)
    assert claimed is not None
    return claimed


def lapse_of(run: Run) -> datetime:
    """Return the first instant at which the lease lapses without a heartbeat."""
    run.refresh_from_db()
    assert run.heartbeat_at is not None
    return run.heartbeat_at + timedelta(seconds=LEASE_SECONDS)


def test_a_run_that_a_dead_worker_left_is_no_longer_its_own() -> None:
    run = build_run()
    first = begun(run)
    assert lease_of(first).exists()
    with pytest.raises(lease.LeaseHeld):
        lease.claim(run.pk, lapse_of(run) - timedelta(seconds=1))
    second = begun(run, lapse_of(run))
    assert (first.attempt, second.attempt) == (1, 2)
    assert not lease_of(first).exists()
    assert lease_of(second).exists()


def test_after_five_attempts_the_server_is_at_fault() -> None:
    run, at = build_run(), NOW
    for _ in range(lease.MOST_ATTEMPTS):
        begun(run, at)
        at = lapse_of(run)
    assert lease.claim(run.pk, at) is None
    run.refresh_from_db()
    submission = run.submission
    submission.refresh_from_db()
    assert (run.state, run.verdict) == (State.FAILED, lease.GIVEN_UP)
    assert run.fault == lease.WORKERS_DIED
    assert (submission.state, submission.failed_by_server) == (Submission.State.FAILED, True)
    assert submission.problems == [lease.GIVEN_UP]


def test_a_fault_of_the_servers_is_kept_apart_from_the_verdict() -> None:
    run = build_run()
    for attempt in range(1, lease.MOST_ATTEMPTS + 1):
        begun(run)
        assert lease.release(run.pk, attempt, "/srv/full\0", NOW)
    run.refresh_from_db()
    assert (run.state, run.verdict) == (State.WAITING, lease.POSTPONED)
    assert run.fault == "/srv/full\N{REPLACEMENT CHARACTER}"
    assert lease.claim(run.pk, NOW) is None
    assert Submission.objects.get().problems == [lease.GIVEN_UP]


def test_a_worker_taken_for_dead_does_not_postpone_the_next_one_s_attempt() -> None:
    run = build_run()
    begun(run)
    second = begun(run, lapse_of(run))
    assert lease.release(run.pk, 1, "I was slow.", NOW)
    assert lease.release(run.pk, None, "No sandbox.", second.started_at or NOW)
    assert lease_of(second).exists()
    with pytest.raises(lease.LeaseHeld):
        lease.require_ended(run.pk)
    assert lease.release(run.pk, None, "No sandbox.", lapse_of(run))
    assert not lease_of(second).exists()
    lifecycle.fail_run(second, "It failed.", NOW)
    lease.require_ended(run.pk)


def test_what_has_ended_or_is_superseded_does_not_run() -> None:
    ended = build_run()
    lifecycle.succeed_run(begun(ended), "It ended.", NOW)
    assert lease.claim(ended.pk, NOW) is None
    superseded = build_run(Submission.State.SUPERSEDED)
    assert lease.claim(superseded.pk, NOW) is None
    superseded.refresh_from_db()
    assert (superseded.state, superseded.verdict) == (State.STOPPED, lease.NOT_LEASABLE)


@pytest.mark.django_db(transaction=True)
def test_the_run_that_waited_longest_is_next_but_for_what_somebody_looks_at() -> None:
    worker = Worker.objects.create(name="attic", made_at=NOW, sources=["python"])
    later, earlier, first = (build_run() for _ in range(3))
    Run.objects.filter(pk=earlier.pk).update(queued_at=NOW - timedelta(hours=1))
    Run.objects.filter(pk=first.pk).update(queued_at=NOW - timedelta(hours=2))
    held, asked = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            lock(first.submission_id)
            held.set()
            asked.wait(PATIENCE_SECONDS)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert held.wait(PATIENCE_SECONDS)
    taken = [lease.claim_next(worker, NOW) for _ in range(3)]
    asked.set()
    thread.join()
    assert [run and run.pk for run in taken] == [earlier.pk, later.pk, None]
    assert lease.claim_next(worker, NOW) == first
    assert set(Run.objects.values_list("worker", "attempt")) == {(worker.pk, 1)}


def test_a_superseded_run_does_not_wait_for_a_sandbox() -> None:
    run = build_run(Submission.State.SUPERSEDED)
    assert not lease.release(run.pk, None, "No sandbox.", NOW)
    run.refresh_from_db()
    assert run.state == State.STOPPED


def test_a_heartbeat_keeps_lease_and_log_and_tells_whether_the_lease_is_held() -> None:
    run = begun(build_run())
    at = NOW + timedelta(seconds=3)
    heartbeat = run_heartbeat(run, lambda: at)
    heartbeat.write(b"half\0")
    heartbeat.beat()
    run.refresh_from_db()
    assert (run.log, run.heartbeat_at) == ("half\N{REPLACEMENT CHARACTER}", at)
    heartbeat.write(b" more")
    heartbeat.beat()
    run.refresh_from_db()
    assert run.log.endswith(" more") and heartbeat.keep_going()
    Submission.objects.update(state=Submission.State.SUPERSEDED)
    heartbeat.beat()
    assert not heartbeat.keep_going()


@pytest.mark.django_db(transaction=True)
def test_a_run_goes_on_while_the_database_is_away() -> None:
    run = begun(build_run())
    heartbeat = run_heartbeat(run, lambda: NOW)
    heartbeat.write(b"kept")
    with suppress(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    heartbeat.beat()
    assert heartbeat.keep_going() and Run.objects.get().log == ""
    heartbeat.beat()
    assert heartbeat.keep_going() and Run.objects.get().log == "kept"


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_that_meets_the_end_of_its_run_leaves_the_log_whole() -> None:
    run = begun(build_run())
    heartbeat = run_heartbeat(run, lambda: NOW)
    heartbeat.write(b"the first ha")

    def beat() -> None:
        heartbeat.beat()
        connection.close()

    thread = Thread(target=beat)
    with transaction.atomic():
        assert lease_of(run).select_for_update(of=("self",)).get() == run
        thread.start()
        await_one_held_up()
        run.log = "the first half, and the last"
        lifecycle.succeed_run(run, "It ended.", NOW)
    thread.join()
    assert not heartbeat.keep_going()
    run.refresh_from_db()
    assert (run.state, run.log) == (State.SUCCEEDED, "the first half, and the last")


def test_a_run_that_compares_runs_though_its_submission_is_scored() -> None:
    run = build_run(Submission.State.SCORED, compares=True)
    assert lease_of(begun(run)).exists()
    lifecycle.fail_run(run, "It failed.", NOW)
    assert Submission.objects.get().state == Submission.State.SCORED


@pytest.mark.parametrize("state", ["open", "queued", "superseded"])
def test_only_what_has_ended_is_run_again(state: str) -> None:
    submission = build_submission(state=state)
    with pytest.raises(Refused, match=f"This submission is {state}"):
        reruns.requeue_run(submission.pk, NOW + timedelta(hours=1), note="Why not", by="me")


def test_nothing_is_run_again_without_a_decoder() -> None:
    submission = build_submission(state=Submission.State.FAILED)
    with pytest.raises(Refused, match="no decoder with bitstreams"):
        reruns.requeue_run(submission.pk, NOW, note="Why not", by="me")
    submission.refresh_from_db()
    assert submission.state == Submission.State.FAILED
