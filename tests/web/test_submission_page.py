"""One submission at the desk: its runs, stopping them, running again; the team sees its own."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.challenge.models import AuditEntry, Phase
from ratings.sandbox.results.absence import OtherFiles
from ratings.sandbox.results.run_result import Output, RunResult, Termination
from ratings.sandbox.run_limits import GIB, Limit, Limits
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs import lease, lifecycle
from ratings.web.parts.words.run_descriptions import LOG_SHOWN
from tests.builders import (
    PASSWORD,
    build_decoded_image,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
)
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import WHY, begun, build_running_phase, queued, with_run
from tests.web.pages import act, address, desk, page, sign_in

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def phase() -> Phase:
    return build_running_phase(decoder_limits={"cpu_seconds": 1200}, decoder_rule="required")


@pytest.fixture
def organizer(client: Client) -> Client:
    client.force_login(build_organizer(username="ann"))
    return client


def ended(run: Run, log: bytes = b"decoding\n", limit: Limit | None = None) -> Run:
    """End a run as a worker does, with figures that are known."""
    limits = Limits.from_record(run.limits)
    termination = Termination(137 if limit else 0, limit, bool(limit), 14.5, 12.3, 3 * GIB)
    outputs = {"out/a.png": Output(Path(), 9, "ab" * 32)}
    result = RunResult(
        termination, limits, log, outputs, OtherFiles(), {"numpy": "2.9.9"}, "Quick 9000"
    )
    lifecycle.set_outcome(run, result, ["a.png"])
    if limit:
        lifecycle.fail_run(run, result.verdict, timezone.now())
    else:
        lifecycle.succeed_run(run, result.verdict, timezone.now())
    return run


def test_sent_pictures_that_failed_are_scored_again(organizer: Client, phase: Phase) -> None:
    """No decoder was sent, and none is spoken of."""
    submission = build_submission(
        build_phase(phase.challenge, names=("s.png",)), state=Submission.State.FAILED
    )
    for original in submission.phase.originals():
        build_decoded_image(submission, original)
    html = page(organizer, desk(submission))
    assert "Score its pictures again" in html and "Run the decoder again" not in html
    assert act(organizer, submission, "run") == 302
    submission.refresh_from_db()
    assert submission.state == Submission.State.QUEUED
    assert not submission.runs.exists()


def test_only_organizers_see_a_submission_and_act(client: Client, phase: Phase) -> None:
    submission = queued(phase)
    run = submission.runs.get()
    for path in (desk(submission), desk(submission, f"runs/{run.pk}.txt")):
        assert client.get(path).status_code == 302
    assert act(client, submission, "stop") == 302
    client.force_login(build_organizer(is_staff=False))
    assert act(client, submission, "stop") == 403
    assert not AuditEntry.objects.exists()
    run.refresh_from_db()
    assert run.state == Run.State.WAITING


def test_a_run_that_waits_says_why(organizer: Client, phase: Phase) -> None:
    submission = queued(phase)
    assert "waiting for a worker" in page(organizer, desk(submission))
    lease.release(submission.runs.get().pk, None, WHY, timezone.now())
    html = page(organizer, desk(submission))
    assert "bubblewrap is not installed" in html and "number 1 in the queue" in html
    assert "— of 1,200 s" in html and "not begun" in html


def test_a_run_of_another_version_is_still_shown(organizer: Client, phase: Phase) -> None:
    submission = queued(phase)
    run = submission.runs.get()
    run.limits = {**run.limits, "gpus": 8}
    run.save()
    assert "— of 1,200 s" in page(organizer, desk(submission))


def test_a_run_shows_all_that_was_measured(organizer: Client, phase: Phase) -> None:
    submission = queued(phase)
    run = begun(submission)
    html = page(organizer, desk(submission))
    assert "running for" in html and "1 of 5" in html
    ended(run, limit=Limit.MEMORY)
    html = page(organizer, desk(submission))
    for words in (
        "12.3 of 1,200 s",
        "14.5 of 4,800 s",
        "3 GiB of 8 GiB",
        "the memory limit of 8 GiB",
        "SIGKILL",
        "Quick 9000",
        "2.9.9",
        "ab" * 32,
        "The decoder was stopped at the memory limit of 8 GiB.",
        "1 problem",
    ):
        assert words in html, words


def test_a_log_is_a_strangers_text(organizer: Client, phase: Phase) -> None:
    submission = queued(phase)
    log = HOSTILE.encode() + b"x" * LOG_SHOWN
    run = ended(begun(submission), log=log)
    html = page(organizer, desk(submission))
    assert HOSTILE not in html
    assert f"{len(HOSTILE)} characters before are left out" in html
    response = organizer.get(desk(submission, f"runs/{run.pk}.txt"))
    assert response.content == log
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    other = queued(phase)
    assert organizer.get(desk(other, f"runs/{run.pk}.txt")).status_code == 404


def test_a_run_is_stopped_on_record(organizer: Client, phase: Phase) -> None:
    submission = queued(phase)
    for note in ("", "  ", "x" * 501):
        assert act(organizer, submission, "stop", note) == 422
    assert act(organizer, submission, "fire") == 404
    assert act(organizer, submission, "run") == 422  # it waits: there is nothing to run again
    assert not AuditEntry.objects.exists()
    assert act(organizer, submission, "stop") == 302
    html = page(organizer, desk(submission))
    assert "An organizer stopped the decoder: Loud fans" in html
    assert "by the server" in html and "stopped a decoder" in html
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.by, entry.note, entry.team) == (
        "stop",
        "ann",
        "Loud fans",
        submission.team,
    )
    assert act(organizer, submission, "stop") == 422


def test_the_longest_names_keep_nobody_from_acting(organizer: Client) -> None:
    phase = build_phase(name="P" * 200, decoder_rule="required")
    submission = queued(phase, method="m" * 100)
    assert act(organizer, submission, "stop") == 302
    assert "stopped a decoder" in page(organizer, desk(submission))


def test_a_submission_shows_only_what_was_done_about_it(organizer: Client, phase: Phase) -> None:
    """Also where another method's name ends with its id; the team's page leads to each."""
    submission = queued(phase)
    other = queued(phase, team=submission.team, method=f"like ({submission.pk})")
    assert act(organizer, other, "stop", "The other one") == 302
    assert "The other one" in page(organizer, desk(other))
    assert "The other one" not in page(organizer, desk(submission))
    assert desk(other) in page(
        organizer, f"/desk/challenges/{phase.challenge.slug}/teams/{other.team_id}/"
    )


def test_what_failed_is_run_again_by_a_worker(organizer: Client, phase: Phase) -> None:
    submission = queued(phase)
    ended(begun(submission), limit=Limit.CPU)
    assert "waits again, with its place in time" in page(organizer, desk(submission))
    assert act(organizer, submission, "run", "  ") == 422
    assert act(organizer, submission, "run", "Larger limits now") == 302
    newest = submission.runs.first()
    assert newest is not None and (newest.state, newest.compares) == ("waiting", False)
    job = ProcrastinateJob.objects.get(task_name__endswith="decode_submission")
    assert job.args == {"run_id": newest.pk}
    html = page(organizer, desk(submission))
    assert "Run 2" in html and "Run 1" in html and "Larger limits now" in html
    assert "Stop the decoder" in html and "Run the decoder again" not in html


def test_what_is_scored_is_run_again_to_compare(organizer: Client, phase: Phase) -> None:
    submission = with_run(build_scored_submission(phase))
    ended(submission.runs.get())
    assert "bit for bit" in page(organizer, desk(submission))
    assert act(organizer, submission, "run") == 302
    html = page(organizer, desk(submission))
    assert "to compare" in html and "Its scores stay as they are" in html
    again = submission.runs.filter(compares=True)
    for reproduced, words in ((True, "the same, bit for bit"), (False, "not the same")):
        again.update(reproduced=reproduced, state="succeeded", wall_seconds=1, exit_code=0)
        html = page(organizer, desk(submission))
        assert f"<dd>{words}</dd>" in html


def test_without_a_decoder_there_is_nothing_to_run(organizer: Client, phase: Phase) -> None:
    html = page(organizer, desk(build_scored_submission(phase)))
    assert "has no decoder with bitstreams" in html and "No run" in html
    html = page(organizer, desk(build_submission(phase)))
    assert "only what has ended is run again" in html and "Missing decoder" in html


def test_a_team_follows_its_own_decoder(client: Client, phase: Phase) -> None:
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    mine, other = queued(phase, team=team), queued(phase)
    lease.release(mine.runs.get().pk, None, WHY, timezone.now())
    path = address(phase, f"submissions/{mine.pk}/")
    assert client.get(path).status_code == 302  # to the door
    assert sign_in(client, phase) == 302
    for seen in (page(client, address(phase)), page(client, path)):
        assert "tries again by itself" in seen and "bubblewrap" not in seen  # that is organizers'
    run = begun(mine)
    run.log = HOSTILE
    run.save()
    html = page(client, path)
    assert "running for" in html and "&lt;script&gt;alert(1)" in html and HOSTILE not in html
    ended(run, limit=Limit.WALL)
    html = page(client, path)
    assert "stopped at the wall time limit" in html and "12.3 of 1,200 s" in html
    assert "/desk/submissions/" not in html
    assert client.get(address(phase, f"submissions/{other.pk}/")).status_code == 404
    assert client.get(desk(mine)).status_code == 302


def test_limits_of_the_run_are_shown_and_not_those_of_today(
    organizer: Client, phase: Phase
) -> None:
    submission = queued(phase)
    begun(submission)
    Phase.objects.update(decoder_limits={"cpu_seconds": 7})
    assert "of 1,200 s" in page(organizer, desk(submission))


def test_what_was_mended_and_what_never_started_is_told_to_team_and_organizers(
    client: Client, phase: Phase
) -> None:
    note = "decode had the line ends of Windows; they were changed."
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    failed = {"state": Submission.State.FAILED, "never_ran": True}
    submission = with_run(build_submission(phase, team, submitted_at=timezone.now(), **failed))
    submission.decoder.notes = [note]
    submission.decoder.save()
    sign_in(client, phase)
    html = page(client, address(phase, f"submissions/{submission.pk}/"))
    assert note in html and "your decoder never started. Its files go" in html
    client.force_login(build_organizer())
    own = reverse("web:desk-team", args=[phase.challenge.slug, team.pk])
    for path in (own, f"/desk/submissions/{submission.pk}/"):
        assert "its decoder never started" in page(client, path)
    assert note in page(client, f"/desk/submissions/{submission.pk}/")
