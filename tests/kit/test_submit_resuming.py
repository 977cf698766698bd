"""The client when it is started again, or twice: what goes on, and what begins anew."""

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from ratings.challenge.models import Phase, Team
from ratings.jobs.submission_actions import withdraw
from ratings.kit import submit
from ratings.submissions.intake.closing import mark_failed
from ratings.submissions.models import Submission
from tests.builders import build_submission
from tests.kit.client import call, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_world")]


def test_an_upload_that_was_cut_goes_on_where_it_was(
    live_server: LiveServer,
    phase: Phase,
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sent: list[str] = []
    put = submit.Server.put

    def put_three(self: submit.Server, path: str, upload: submit.Upload, bar: submit.Bar) -> None:
        if len(sent) == 3:
            raise KeyboardInterrupt
        sent.append(upload.address)
        put(self, path, upload, bar)

    monkeypatch.setattr(submit.Server, "put", put_three)
    assert submit.main(call(live_server.url, work)) == 130
    monkeypatch.setattr(submit.Server, "put", put)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert "holds 3 of 5 files" in capsys.readouterr().err
    assert Submission.objects.count() == 1


def test_one_that_holds_something_else_is_left_alone(
    live_server: LiveServer, phase: Phase, work: Path
) -> None:
    (work / "b.bin").write_bytes(b"x" * 19)
    assert submit.main(call(live_server.url, work)) == 1
    (work / "b.bin").write_bytes(b"y" * 10)
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert sorted(submission.state for submission in Submission.objects.all()) == ["open", "scored"]


def test_another_teams_submission_is_not_gone_on_with(
    live_server: LiveServer, phase: Phase, work: Path
) -> None:
    build_submission(phase, Team.objects.create(challenge=phase.challenge, name="o", key="o"))
    with working():
        assert submit.main(call(live_server.url, work)) == 0
    assert Submission.objects.count() == 2


def interrupt_after(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Press Ctrl-C as soon as the client has had the answer to a POST."""
    post = submit.Server.post

    def interrupted(
        self: submit.Server, called: str, fields: submit.Json | None = None
    ) -> submit.Json:
        answer = post(self, called, fields)
        if called.endswith(path):
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(submit.Server, "post", interrupted)


@pytest.fixture
def waiting(
    live_server: LiveServer, phase: Phase, work: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Interrupt the client while its submission waits; return the command line."""
    line = call(live_server.url, work)
    with monkeypatch.context() as patch:
        interrupt_after(patch, "/submit/")
        assert submit.main(line) == 130
    assert Submission.objects.get().state == "queued"
    return line


def test_one_that_waits_is_gone_on_with(
    waiting: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with working():
        assert submit.main(waiting) == 0
    assert "These very files are submitted already" in capsys.readouterr().err
    # Its score can be had again, even where nothing more may be submitted.
    Phase.objects.update(submissions_in_all=1)
    assert submit.main(waiting) == 0
    assert capsys.readouterr().out.startswith("Scored: PSNR inf dB")
    assert Submission.objects.count() == 1


def test_what_was_withdrawn_is_sent_anew(waiting: list[str]) -> None:
    withdraw(Submission.objects.get().pk, timezone.now())
    with working():
        assert submit.main(waiting) == 0
    first, second = Submission.objects.order_by("created_at")
    assert (first.exclusion, second.exclusion, second.state) == ("withdrawn", "", "scored")


@pytest.mark.parametrize("change", ["file", "method", "failed"])
def test_what_is_new_is_begun_anew(waiting: list[str], work: Path, change: str) -> None:
    if change == "file":
        (work / "b.bin").write_bytes(b"y" * 10)
    elif change == "method":
        waiting = ["--method", "another", *waiting]
    else:
        mark_failed(Submission.objects.get(), ["No luck."], timezone.now())
    with working():
        assert submit.main(waiting) == 0
    newest, first = Submission.objects.order_by("-created_at")
    assert newest.state == "scored" and newest.pk != first.pk


def test_two_clients_of_one_team_do_not_mix_their_files(
    live_server: LiveServer,
    phase: Phase,
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The other one, with other bitstreams, has found the open submission before they came."""
    line = call(live_server.url, work)
    send = submit.send

    def send_meanwhile(server: submit.Server, address: str, uploads: list[submit.Upload]) -> None:
        send(server, address, uploads)
        (work / "b.bin").write_bytes(b"y" * 10)
        send(server, address, submit.gather(work / "decode", [work / "b.bin"]))

    monkeypatch.setattr(submit, "send", send_meanwhile)
    with working():
        assert submit.main(line) == 1
    said = capsys.readouterr().err
    assert (
        "ERROR: Another client of the team sends to the same submission: bitstreams/b.bin" in said
    )
    assert Submission.objects.get().state == "open"
