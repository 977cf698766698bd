"""Decoders run by workers that have an address and a token alone: no database, no shared folder."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from ratings.jobs.delivery_tasks import tidy_runs
from ratings.submissions.models import Run, Submission, Worker
from ratings.submissions.runs.lease import LEASE_SECONDS
from ratings.submissions.runs.workers import add_worker, revoke_worker
from tests.jobs.decoders import COPY, await_log, open_phase, send, shown, team
from tests.jobs.workers import defer, run_worker
from tests.remote.lines import cut_line, start_gunicorn, start_remote
from tests.sandbox.archives import zipped
from tests.waiting import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
LOUD = f"{COPY}\nprint('x' * 100_000)\n"
SLEEPY = f"{COPY}\nimport time\nprint('now waiting', flush=True)\ntime.sleep(3600)\n"
SLOW = f"{COPY}\nimport time\ntime.sleep(1)\n"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(sandbox_folder: Path, tmp_path: Path) -> Iterator[Start]:
    """Return what starts workers elsewhere, each with an empty home of its own."""
    started: list[subprocess.Popen[str]] = []

    def start_one(url: str, token: str) -> "subprocess.Popen[str]":
        home = tmp_path / str(len(started))
        started.append(start_remote(url, token, home, sandbox_folder))
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    process, address = start_gunicorn(settings)
    yield address
    process.terminate()
    process.wait()


def packed(program: str, padding: int = 0) -> bytes:
    return zipped([("decode", program.encode()), ("padding", os.urandom(padding))])


def delivered() -> Run | None:
    """Return the latest run, once its worker has delivered it."""
    run = Run.objects.latest("pk")
    return run if run.delivered_at else None


@pytest.mark.slow
def test_runs_go_from_worker_to_worker_over_http_alone(url: str, start: Start) -> None:
    phase, xvc = open_phase(own_scores=True), team()
    token = add_worker("attic", "ann", timezone.now())

    # The line is cut while the decoder comes, and while the record goes.
    first = send(xvc, phase, packed(LOUD, padding=200_000))
    with cut_line(url, 50_000, 270_000) as line:
        attic = start(line.url, token)
        assert eventually(delivered).state == Run.State.RUNNING  # nobody has looked at it yet
        assert line.cuts == 2
        run_worker(["scoring"])
        after = shown(xvc, first)
        assert (after["state"], after["scores"]["psnr_db"]) == ("scored", "inf"), after["problems"]
        assert after["log"].startswith("decoding a.bits\ndecoding b.bits\nxxx")
        run = after["run"]
        assert (run["state"], run["attempt"], run["exit_code"]) == ("succeeded", 1, 0)
        assert run["outputs"].keys() == {"out/a.png", "out/b.png"}
        assert run["cpu_seconds"] > 0 and run["peak_memory_bytes"] and run["environment"]["pillow"]
        # No worker of the site's has to look at its job.
        defer(tidy_runs)
        run_worker(["upkeep"])
        assert not ProcrastinateJob.objects.filter(queue_name="decoding").exists()
        worker = Worker.objects.get()
        assert (worker.words, worker.processor) == (run["verdict"], run["processor"])

        # It is killed in the middle of a run: another takes it, and there is one verdict.
        second = send(xvc, phase, packed(SLEEPY))
        await_log(xvc, second, "now waiting")
        attic.kill()
    killed = Run.objects.latest("pk")
    lapsed = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    limits = killed.limits | {"wall_seconds": 1}
    Run.objects.filter(pk=killed.pk).update(limits=limits, heartbeat_at=lapsed)
    cellar = start(url, token)
    eventually(delivered)
    run_worker(["scoring"])
    run = shown(xvc, second)["run"]
    assert (run["state"], run["attempt"], run["limit_met"]) == ("failed", 2, "wall")
    assert sorted(Submission.objects.values_list("state", flat=True)) == ["failed", "scored"]

    # What it runs when it is told to end is ended first.
    send(xvc, phase, packed(SLOW))
    eventually(lambda: Run.objects.latest("pk").state == Run.State.RUNNING)
    cellar.send_signal(signal.SIGTERM)
    _, said = cellar.communicate(timeout=PATIENCE_SECONDS)
    assert cellar.returncode == 0
    assert said.count(f"Connected to {url}; takes its runs") == 1
    assert delivered()

    revoke_worker(worker.pk, "ann", timezone.now())
    stranger = start(url, token)
    _, said = stranger.communicate(timeout=PATIENCE_SECONDS)
    assert (stranger.returncode, said) == (1, "This token is not, or no longer, a worker's.\n")


@pytest.mark.slow
def test_a_run_elsewhere_is_carried_out_over_http_alone(url: str, start: Start) -> None:
    phase, xvc = open_phase(elsewhere="tell"), team()
    address = send(xvc, phase, packed(COPY))
    start(url, add_worker("attic", "ann", timezone.now()))
    eventually(delivered)
    run_worker(["scoring"])
    elsewhere = eventually(lambda: Run.objects.filter(world="elsewhere").first())
    assert elsewhere.state in Run.CURRENT
    eventually(delivered)
    run_worker(["scoring"])
    told = shown(xvc, address)["elsewhere"]
    assert told["state"] == "succeeded" and told["verdict"].startswith("Decodes elsewhere: of 2 ")
