"""Workers at the desk: what each told last, tokens that are shown once, and their end."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import AuditEntry
from ratings.submissions.models import Submission, Worker
from ratings.submissions.runs import lease, lifecycle, workers
from tests.builders import build_decoder, build_organizer, build_submission
from tests.web.pages import page

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"clicworker_[\w-]+")


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(build_organizer(username="ann"))
    return client


def test_a_token_is_shown_once_kept_as_its_digest_and_revoked(desk: Client) -> None:
    assert desk.post("/desk/workers/add/", {"name": " attic "}).status_code == 302
    token = TOKEN.findall(page(desk, "/desk/workers/"))[0]
    assert not TOKEN.search(page(desk, "/desk/workers/"))
    attic = Worker.objects.get()
    assert workers.worker_of(token) == attic and attic.token_sha256 not in (None, token)
    again = desk.post("/desk/workers/add/", {"name": "attic"})
    assert (again.status_code, b"name this one otherwise" in again.content) == (422, True)
    revoke = f"/desk/workers/{attic.pk}/revoke/"
    assert desk.post(revoke).status_code == 422
    assert workers.worker_of(token) == attic, "whoever only pressed the button is asked first"
    assert desk.post(revoke, {"confirm": "on"}).status_code == 302
    assert workers.worker_of(token) is None
    assert desk.post(revoke, {"confirm": "on"}).status_code == 422
    assert "revoked" in page(desk, "/desk/workers/")
    kinds = AuditEntry.objects.filter(by="ann", subject="attic").values_list("kind", flat=True)
    assert set(kinds) == {"worker", "no-worker"}


def test_the_command_makes_a_token_too() -> None:
    out = StringIO()
    call_command("add_worker", "cellar", stdout=out)
    known = workers.worker_of(out.getvalue().strip())
    assert known and known.name == "cellar"
    for name in ("cellar", "", "a\nb", "x" * 101):
        with pytest.raises(CommandError):
            call_command("add_worker", name)


def test_the_page_tells_what_each_worker_does_and_said(desk: Client) -> None:
    now = timezone.now()
    assert "No worker yet" in page(desk, "/desk/workers/")
    for name in ("attic", "busy", "mute"):
        workers.add_worker(name, "ann", now)
    attic, busy, mute = Worker.objects.order_by("name")
    workers.note(attic.pk, now, "<b>It failed.</b>", {"python": "3.11"}, "a chip")
    workers.note(mute.pk, now - timedelta(hours=1))
    submission = build_submission(state=Submission.State.QUEUED, submitted_at=now, method="net")
    build_decoder(submission)
    lease.claim(lifecycle.queue_run(submission, now).pk, now, busy)
    workers.note(workers.this_machine(now).pk, now)
    shown = page(desk, "/desk/workers/")
    tags = [tag.strip() for tag in re.findall(r'class="tag[^>]*>([^<]+)<', shown)]
    here = workers.this_machine(now).name
    by_name = {"attic": "waits for a run", "busy": "runs a decoder", "mute": "silent"}
    names = sorted([*by_name, here])
    assert tags == [by_name.get(name, "at this site") for name in names]
    assert f'href="/desk/submissions/{submission.pk}/"' in shown
    assert (
        "&lt;b&gt;It failed." in shown
        and "a chip" in shown
        and "python 3.11" in " ".join(shown.split())
    )


def test_machines_that_are_gone_are_forgotten_and_tokens_are_not(desk: Client) -> None:
    now = timezone.now()
    before = now - timedelta(hours=25)
    workers.add_worker("attic", "ann", before)
    workers.note(Worker.objects.get().pk, before)
    submission = build_submission(state=Submission.State.QUEUED, submitted_at=now)
    build_decoder(submission)
    for name in ("gone", "still here", "busy"):
        Worker.objects.create(name=name, made_at=before, heard_at=before)
    Worker.objects.filter(name="still here").update(heard_at=now - timedelta(hours=23))
    busy = Worker.objects.get(name="busy")
    run = lease.claim(lifecycle.queue_run(submission, now).pk, now, busy)
    workers.forget_gone(now)
    assert {one.name for one in workers.known_workers()} == {"attic", "still here", "busy"}
    # What is heard of a run is heard of its worker.
    assert run
    beat = now + timedelta(minutes=1)
    lease.renew(run, beat)
    assert f'datetime="{beat:%Y-%m-%dT%H:%M}' in page(desk, "/desk/workers/")
    # One that asks is heard of, whatever comes of it.
    asked = workers.this_machine(before)
    assert workers.this_machine(now) == asked
    assert Worker.objects.get(pk=asked.pk).heard_at == now
