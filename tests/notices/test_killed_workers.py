"""A worker that is killed while it delivers: nothing is lost, and what doubles has one id."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event as Flag

import pytest
from django.db import connections

from ratings.challenge.models import Challenge
from ratings.notices.delivering import deliver
from ratings.outbox.models import Dispatch, Event
from ratings.submissions.intake.closing import mark_scored
from ratings.submissions.models import Submission
from tests.builders import NOW, build_phase, build_submission, build_team
from tests.outbox.builders import build_hook
from tests.outbox.receivers import HookReceiver, MailServer
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = 3


def deliver_and_be_killed(server: MailServer | HookReceiver, now: datetime) -> None:
    """Let a process deliver; kill it when the server has what it sent and has not answered."""
    arrived, killed = Flag(), Flag()

    def kept() -> None:
        arrived.set()
        assert killed.wait(PATIENCE_SECONDS)

    server.kept = kept
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            deliver(lambda: now)
        finally:
            os._exit(1)
    assert arrived.wait(PATIENCE_SECONDS)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    server.kept = lambda: None
    killed.set()


def kill_and_deliver(server: MailServer | HookReceiver, ids: Callable[[], Sequence[str]]) -> None:
    """Kill a few workers in a row, each with a later clock, then deliver what is left."""
    now = NOW
    for kills in range(1, KILLS + 1):
        deliver_and_be_killed(server, now)
        assert len(ids()) == kills
        now += timedelta(hours=1)
    for _ in range(3):
        deliver(lambda now=now: now)  # type: ignore[misc]
        now += timedelta(hours=7)
    assert not Dispatch.objects.exclude(outcome="delivered").exists()
    # Each kill may have one of them sent twice, and none more often than it was tried.
    assert len(ids()) - len(set(ids())) <= KILLS


def scored(methods: int) -> list[Event]:
    phase = build_phase()
    team = build_team(phase.challenge, name="xvc", email="xvc@example.org")
    for number in range(methods):
        fields = {"method": f"m{number}", "state": Submission.State.QUEUED, "submitted_at": NOW}
        mark_scored(build_submission(phase, team=team, **fields), NOW)
    return list(Event.objects.all())


def test_hooks_lose_nothing(hook_receiver: HookReceiver) -> None:
    events = scored(4)
    build_hook(Challenge.objects.get(), url=hook_receiver.url)

    def ids() -> list[str]:
        return [posted.headers["webhook-id"] for posted in hook_receiver.posted]

    kill_and_deliver(hook_receiver, ids)
    assert set(ids()) == {f"msg_{event.pk.hex}" for event in events}
    bodies = {(p.headers["webhook-id"], p.body) for p in hook_receiver.posted}
    assert len(bodies) == len(events)  # what comes again is the same


def test_mail_loses_nothing(mail_server: MailServer) -> None:
    scored(4)

    def ids() -> list[str]:
        return [mail["Message-ID"] for mail in mail_server.received]

    kill_and_deliver(mail_server, ids)
    (letter,) = Counter(ids())
    last = mail_server.received[-1].get_content()
    assert letter and all(f"m{number}" in last for number in range(4))
