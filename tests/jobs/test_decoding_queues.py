"""Decoders in environments: each taken by a worker that has it, or waiting for one that will."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from ratings.health.site_facts import read_facts
from ratings.jobs import decoding_queues, tasks
from ratings.jobs.decoding_queues import DECODING, queue_of, taken_queues
from ratings.submissions.models import Run, Worker
from tests.jobs.decoders import COPY, open_phase, organizer, send, shown, start_worker, team, zipped
from tests.jobs.torch_stand_in import make_torch_stand_in
from tests.jobs.workers import run_worker
from tests.waiting import PATIENCE_SECONDS, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
IMAGE = f"registry.example.org/team/jax@sha256:{'a' * 64}"
ENVIRONMENTS = [{"slug": "plain", "source": "python"}, {"slug": "deep", "source": "torch"}]
NEEDS_TORCH = f"{COPY}\nimport torch\n"


@pytest.fixture
def own_folder(sandbox_folder: Path, settings: Settings) -> Iterator[Path]:
    """Return a folder of environments that this test alone has."""
    settings.SANDBOX_DIR = sandbox_folder / "own"
    tasks._sandboxes.cache_clear()
    yield settings.SANDBOX_DIR
    tasks._sandboxes.cache_clear()
    shutil.rmtree(settings.SANDBOX_DIR, ignore_errors=True)


def test_each_kind_of_environment_has_a_queue_of_its_own() -> None:
    assert queue_of("python", gpu=False) == DECODING
    assert queue_of("torch", gpu=False) == "decoding torch"
    assert queue_of("python", gpu=True) == "decoding python gpu"
    name = queue_of(IMAGE, gpu=True)
    assert name == "decoding sha256:aaaaaaaaaaaa gpu"
    assert len(f"procrastinate_queue_v1#{name}") < 64, "or Postgres can't tell of it"


def test_a_worker_takes_the_queues_of_what_its_machine_has(own_folder: Path) -> None:
    assert taken_queues(["scoring"]) == ["scoring"]
    assert not Worker.objects.exists()
    assert taken_queues(["scoring", DECODING]) == ["scoring", DECODING]
    make_torch_stand_in(own_folder)
    assert taken_queues([DECODING]) == [DECODING, "decoding torch"]
    assert Worker.objects.get().sources == ["python", "torch"]


def test_a_look_that_fails_is_not_the_last_one(
    own_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a worker would be taken for gone, though it works."""
    (tmp_path / "podman").write_bytes(b"\x7fELF and nothing more")
    (tmp_path / "podman").chmod(0o755)
    open_phase(environments=[{"slug": "own", "source": IMAGE}])
    monkeypatch.setattr(decoding_queues, "LOOK_SECONDS", 0.0)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(OSError, match="Exec format"):
        taken_queues([DECODING])
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(decoding_queues.keep_looking([DECODING], []), 0.2))


def test_a_run_without_a_worker_waits_says_so_and_holds_up_no_other(
    own_folder: Path,
) -> None:
    """A phase with two environments: one entry needs PyTorch, and one does not."""
    phase = open_phase(own_scores=True, environments=ENVIRONMENTS)
    taken_queues([DECODING])  # as a worker does when it begins
    deep = send(team(), phase, zipped(NEEDS_TORCH), environment="deep")
    plain = send(team("other"), phase, zipped(COPY))
    begun = shown(team(), deep)
    words = "It waits for a worker with the environment 'deep'; none of the site's workers has it."
    assert (begun["environment"], begun["run"]["source"]) == ("deep", "torch")
    assert begun["run"]["verdict"] == words
    fault = shown(organizer(), deep)["fault"]
    assert "python -m ratings.sandbox.environments torch" in fault
    assert fault in read_facts(timezone.now()).unmet

    run_worker(taken_queues([DECODING, "scoring", "measuring"]))
    assert shown(team("other"), plain)["state"] == "scored"
    assert shown(team(), deep)["run"]["state"] == "waiting"
    assert ProcrastinateJob.objects.get(queue_name="decoding torch").attempts == 0

    make_torch_stand_in(own_folder)
    run_worker(taken_queues([DECODING, "scoring", "measuring"]))
    after = shown(team(), deep)
    assert (after["state"], after["scores"]["psnr_db"]) == ("scored", "inf"), after["problems"]
    assert "a stand-in for PyTorch" in after["log"]


@pytest.mark.slow
def test_a_worker_notices_an_environment_that_is_made_meanwhile(
    own_folder: Path, settings: Settings
) -> None:
    worker = start_worker(settings, look_seconds=0.5)
    try:
        eventually(lambda: Worker.objects.filter(sources=["python"]).exists())
        phase = open_phase(environments=ENVIRONMENTS)
        deep = send(team(), phase, zipped(NEEDS_TORCH), environment="deep")
        plain = send(team("other"), phase, zipped(COPY))
        eventually(lambda: shown(team("other"), plain)["run"]["state"] == "succeeded")
        assert Run.objects.get(submission__environment="deep").state == "waiting"
        make_torch_stand_in(own_folder)
        eventually(lambda: shown(team(), deep)["run"]["state"] == "succeeded")
        assert "a stand-in for PyTorch" in shown(team(), deep)["log"]
    finally:
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0
