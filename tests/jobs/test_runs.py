"""Runs that don't go through: stopped, superseded, left by their worker, without a sandbox."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued
from pytest_django.fixtures import Settings

from ratings.challenge.models import AuditEntry
from ratings.jobs import tasks
from ratings.storage import content_store
from ratings.submissions.intake.closing import SUPERSEDED
from ratings.submissions.intake.quota import team_quota
from ratings.submissions.models import DecodedImage, Run, Submission
from ratings.submissions.runs import lease
from ratings.submissions.runs.lease import LEASE_SECONDS
from tests.jobs.decoders import (
    COPY,
    act,
    await_log,
    open_phase,
    organizer,
    send,
    shown,
    start_worker,
    team,
    zipped,
)
from tests.jobs.workers import defer, exhaust_retries, run_worker, statuses
from tests.waiting import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
# Its name tells its process from all others of the machine.
MARK = f"86399.{os.getpid()}"
# It leaves a child in a session of its own, which no signal but the last one ends.
STUBBORN = f"""{COPY}
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
print("now waiting", flush=True)
os.execv("/usr/bin/sleep", ["sleep", "{MARK}"])
"""
LEASE = timedelta(seconds=LEASE_SECONDS)
Worker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def worker(settings: Settings) -> Iterator[Worker]:
    """Return what starts workers that run decoders, each a process of its own."""
    started = []

    def start() -> "subprocess.Popen[bytes]":
        started.append(start_worker(settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def sleepers() -> int:
    """Return how many processes of STUBBORN live on this machine."""
    count = 0
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            count += MARK.encode() in line.read_bytes().split(b"\0")
    return count


def work_folders() -> list[Path]:
    return list(Path(default_storage.path("decoding")).iterdir())


def test_a_decoder_that_runs_is_stopped_at_once_and_leaves_nothing(worker: Worker) -> None:
    phase, xvc, staff = open_phase(), team(), organizer()
    address = send(xvc, phase, zipped(STUBBORN))
    process = worker()
    await_log(xvc, address, "now waiting")
    assert sleepers() == 2 and len(work_folders()) == 1
    assert act(staff, address, "stop").json()["state"] == "failed"
    eventually(lambda: sleepers() == 0)
    eventually(lambda: not work_folders())
    eventually(lambda: "doing" not in statuses("decode_submission"))
    assert process.poll() is None
    after = shown(xvc, address)
    told = "An organizer stopped the decoder: a test"
    assert (after["run"]["state"], after["run"]["verdict"]) == ("stopped", told)
    assert (after["state"], after["problems"]) == ("failed", [told])
    assert after["log"].endswith("now waiting\n")
    assert not Submission.objects.get().decoded_images.exists()
    submission = Submission.objects.get()
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 0
    assert AuditEntry.objects.get(kind=AuditEntry.Kind.STOP).note == "a test"


def test_a_newer_submission_ends_the_run_of_the_older_one(worker: Worker) -> None:
    phase, xvc = open_phase(), team()
    older = send(xvc, phase, zipped(STUBBORN))
    worker()
    await_log(xvc, older, "now waiting")
    newer = send(xvc, phase, zipped(COPY))
    eventually(lambda: sleepers() == 0)
    eventually(lambda: shown(xvc, newer)["run"]["state"] == "succeeded")
    run_worker(["scoring"])
    after = shown(xvc, older)
    assert (after["state"], after["run"]["state"]) == ("superseded", "stopped")
    assert after["run"]["verdict"] == SUPERSEDED and after["run"]["finished_at"]
    assert shown(xvc, newer)["state"] == "scored"


def test_a_run_that_lives_is_not_begun_again_though_its_worker_was_taken_for_dead(
    worker: Worker,
) -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(STUBBORN))
    process = worker()
    await_log(xvc, address, "now waiting")
    take_for_dead()
    run_worker(["upkeep"])
    run_worker(["decoding"])  # this one looks, and comes again in a few seconds
    assert statuses("decode_submission") == ["todo"]
    assert (Run.objects.get().attempt, sleepers()) == (1, 2)
    process.kill()
    process.wait()
    let_lapse()
    run_worker(["decoding"])
    run = Run.objects.get()
    assert (run.attempt, run.state, run.limit_met) == (2, Run.State.FAILED, "wall")


def test_a_worker_that_has_lost_its_run_leaves_the_job_to_whoever_has_it(worker: Worker) -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(STUBBORN))
    worker()
    await_log(xvc, address, "now waiting")
    Run.objects.update(attempt=2, heartbeat_at=timezone.now() + LEASE)  # as if begun elsewhere
    eventually(lambda: sleepers() == 0)
    eventually(lambda: statuses("decode_submission") == ["todo"])
    run = Run.objects.get()
    assert (run.state, run.attempt, run.finished_at) == (Run.State.RUNNING, 2, None)


def test_a_run_whose_worker_was_killed_is_begun_again(worker: Worker) -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(STUBBORN))
    process = worker()
    await_log(xvc, address, "now waiting")
    assert shown(xvc, address)["run"]["state"] == "running"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    eventually(lambda: sleepers() == 0)
    assert len(work_folders()) == 1
    take_for_dead()
    let_lapse()
    run_worker(["upkeep"])
    run_worker(["decoding"])
    run = Run.objects.get()
    assert work_folders() == []
    assert (run.attempt, run.state, run.limit_met) == (2, Run.State.FAILED, "wall")
    assert shown(xvc, address)["problems"][0] == (
        "The decoder was stopped at the wall time limit of 1 s."
    )


def take_for_dead() -> None:
    """Let the heartbeats of all workers be long ago, and queue what looks for it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 day'")
    with suppress(AlreadyEnqueued):  # the worker may have queued it
        defer(tasks.retry_stalled_jobs)


def let_lapse() -> None:
    """Let the run's last sign of life be long ago, and its next attempt be short and due."""
    limits = {**Run.objects.get().limits, "wall_seconds": 1}
    Run.objects.update(limits=limits, heartbeat_at=timezone.now() - LEASE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")


def test_a_worker_killed_after_the_last_commit_repeats_nothing() -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(COPY))
    run_worker(["decoding"])
    images = set(DecodedImage.objects.values_list("pk", "sha256"))
    with connection.cursor() as cursor:  # as it stands when the job could not be marked as done
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE queue_name = 'decoding'"
        )
    take_for_dead()
    run_worker()
    assert (Run.objects.get().attempt, len(images)) == (1, 2)
    assert set(DecodedImage.objects.values_list("pk", "sha256")) == images
    assert shown(xvc, address)["state"] == "scored"


def test_a_stopped_decoder_takes_nothing_from_the_quota_and_runs_again() -> None:
    phase, xvc, staff = open_phase(own_scores=True), team(), organizer()
    address = send(xvc, phase, zipped(COPY))
    assert act(xvc, address, "stop").status_code == 403
    assert act(staff, address, "stop").json()["state"] == "failed"
    again = act(staff, address, "stop")
    assert (again.status_code, again.json()["type"].endswith("run")) == (409, True), again.json()
    run_worker()
    after = shown(xvc, address)
    assert (after["run"]["state"], after["run"]["attempt"]) == ("stopped", 0)
    submission = Submission.objects.get()
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 0
    assert act(staff, address, "run").json()["state"] == "queued"
    run_worker()
    assert shown(xvc, address)["state"] == "scored"


def test_without_a_sandbox_the_submission_waits_and_organizers_see_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(COPY))
    tasks._sandboxes.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    run_worker(["decoding"])
    after = shown(xvc, address)
    assert (after["state"], after["run"]["state"]) == ("queued", "waiting")
    assert (after["run"]["verdict"], after["fault"]) == (lease.POSTPONED, "")
    assert "install the package 'bubblewrap'" in shown(organizer(), address)["fault"]
    assert after["run"]["attempt"] == 0


def test_a_fault_of_the_servers_is_told_to_organizers_alone() -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(COPY))
    lost = content_store.path(Submission.objects.get().decoder.sha256)
    lost.unlink()
    exhaust_retries()
    run_worker()
    after = shown(xvc, address)
    assert (after["state"], after["problems"]) == ("failed", [lease.GIVEN_UP])
    assert str(lost.parents[1]) not in json.dumps(after)
    assert str(lost) in shown(organizer(), address)["fault"]
    submission = Submission.objects.get()
    assert team_quota(phase, submission.team, timezone.now()).used_in_all == 0


LONG = ("run", "log", "fault", "held_open", "elsewhere")


def test_a_list_of_submissions_leaves_out_what_may_be_long() -> None:
    phase, xvc = open_phase(), team()
    address = send(xvc, phase, zipped(COPY))
    run_worker()
    query = {"challenge": phase.challenge.slug, "phase": phase.slug}
    answer = xvc.get("/api/v1/submissions/", query).json()
    (listed,) = answer["results"]
    assert answer["next"] is None
    whole = shown(xvc, address)
    assert whole["log"] and whole["run"]["outputs"]
    assert listed == {k: v for k, v in whole.items() if k not in LONG}
