"""A submission's environment: which one it is, and who may carry its runs out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.submissions.intake import ingest
from ratings.submissions.models import Run, Submission, Worker
from ratings.submissions.picked_environments import environment_of, picked
from ratings.submissions.runs import lease, lifecycle, workers
from ratings.submissions.runs.site_sources import NO_GPU, tell_who_waits, unmet
from tests.builders import NOW, build_decoder, build_phase, build_submission, build_team

pytestmark = pytest.mark.django_db
PYTHON = {"slug": "plain", "source": "python"}
TORCH = {"slug": "torch", "source": "torch"}
LATER = NOW + 2 * workers.SILENT


def phase_with(*environments: dict[str, Any], **fields: Any) -> Phase:
    return build_phase(environments=[*environments], **fields)


def queued(phase: Phase, environment: str) -> Run:
    submission = build_submission(
        phase, environment=environment, state=Submission.State.QUEUED, submitted_at=NOW
    )
    build_decoder(submission)
    return lifecycle.queue_run(submission, NOW)


def worker(sources: Sequence[str], *, gpu: bool = False) -> Worker:
    return Worker.objects.create(
        name=f"has {sources}", made_at=NOW, heard_at=NOW, sources=[*sources], gpu=gpu
    )


def test_a_submission_has_the_phases_first_environment_unless_it_picks_another() -> None:
    phase = phase_with(PYTHON, TORCH)
    team = build_team(phase.challenge)
    assert ingest.begin_submission(phase, team, "m", NOW).environment == "plain"
    other = ingest.begin_submission(phase, team, "m", NOW, environment="torch")
    assert environment_of(other).source == "torch"
    with pytest.raises(Refused, match="no environment 'jax'; name one of: plain, torch"):
        ingest.begin_submission(phase, team, "m", NOW, environment="jax")
    # One is gone on with where it runs as is asked.
    assert ingest.newest_open(phase, team, "m", "torch") == other
    assert ingest.newest_open(phase, team, "m") != other


def test_a_registered_decoder_keeps_the_environment_that_it_ran_in() -> None:
    earlier = phase_with(PYTHON, TORCH)
    team, stranger = build_team(earlier.challenge), build_team(earlier.challenge)
    build_submission(earlier, team, environment="torch", submitted_at=NOW)
    build_submission(earlier, team, environment="plain")  # never closed
    fields = {"decoder_rule": "registered", "decoders_from": earlier}
    final = phase_with(PYTHON, TORCH, challenge=earlier.challenge, **fields)
    assert picked(final, team) == "torch"
    assert picked(final, stranger) == "plain"
    assert picked(final, team, "plain") == "plain"
    alone = phase_with(PYTHON, challenge=earlier.challenge, **fields)
    assert picked(alone, team) == "plain"


def test_a_worker_gets_the_runs_of_environments_that_it_has() -> None:
    phase = phase_with(PYTHON, TORCH, TORCH | {"slug": "fast", "gpu": True})
    fast, torch, plain = (queued(phase, slug) for slug in ("fast", "torch", "plain"))
    usual = worker(["python"])
    assert lease.claim_next(usual, NOW) == plain
    assert lease.claim_next(usual, NOW) is None
    assert lease.claim_next(worker(["python", "torch"]), NOW) == torch
    assert lease.claim_next(worker(["torch"], gpu=True), NOW) == fast
    assert lease.claim_next(worker([]), NOW) is None


def test_a_run_says_that_no_worker_has_its_environment_until_one_has() -> None:
    phase = phase_with(PYTHON, TORCH)
    worker(["python"])
    plain, torch = queued(phase, "plain"), queued(phase, "torch")
    assert (plain.verdict, plain.fault) == ("", "")
    assert torch.verdict == (
        "It waits for a worker with the environment 'torch'; none of the site's workers has it."
    )
    assert torch.fault.endswith("python -m ratings.sandbox.environments torch.")
    assert unmet(NOW) == [torch.fault]

    worker(["torch"])
    assert unmet(NOW) == []
    tell_who_waits(NOW)
    torch.refresh_from_db()
    assert (torch.verdict, torch.fault) == ("", "")

    # It fell silent.
    tell_who_waits(LATER)
    torch.refresh_from_db()
    assert "none of the site's workers" in torch.verdict
    # At work it tells nothing but that its run goes on.
    Run.objects.filter(pk=plain.pk).update(
        state=Run.State.RUNNING, heartbeat_at=LATER, worker=Worker.objects.get(sources=["torch"])
    )
    assert unmet(LATER) == []


def test_a_site_without_a_gpu_says_so() -> None:
    phase = phase_with(PYTHON, TORCH | {"gpu": True})
    worker(["python", "torch"])
    assert queued(phase, "torch").verdict == f"It waits for a worker with a GPU. {NO_GPU}"
    (mend,) = unmet(NOW + timedelta(seconds=1))
    assert mend.startswith("No worker with a GPU has torch.")
    assert "RATINGS_SANDBOX_DEVICES" in mend


def test_what_is_asked_of_a_run_that_waits_for_another_reason_stays() -> None:
    phase = phase_with(PYTHON, TORCH)
    worker(["torch"])
    run = queued(phase, "torch")
    lease.release(run.pk, None, "no bubblewrap", NOW)
    tell_who_waits(NOW)
    run.refresh_from_db()
    assert (run.verdict, run.fault) == (lease.POSTPONED, "no bubblewrap")
