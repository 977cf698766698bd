"""What happened, as teams and organizers read it and as hooks get it."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.teams.team_accounts import erase_team
from ratings.challenge.told_news import tell_deadlines, tell_due_news, tell_move
from ratings.notices.delivering import DISABLED_AFTER, deliver
from ratings.notices.mail_choices import SITE_TEAM, choose, stop_all
from ratings.outbox.dispatching import waiting_events
from ratings.outbox.models import Dispatch, Event, Hook
from ratings.outbox.recording import call_for_a_person, record_event
from ratings.outbox.retry_times import GIVEN_UP_AFTER, LEAST_BETWEEN
from ratings.submissions.intake.closing import mark_failed, mark_scored
from ratings.submissions.models import Submission
from tests.builders import (
    NOW,
    build_member,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
)
from tests.outbox.builders import build_hook
from tests.outbox.receivers import HookReceiver, MailServer, text_of

pytestmark = pytest.mark.django_db
Kind = Event.Kind
EMAIL = "xvc@example.org"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def phase() -> Phase:
    return build_phase(name="Validation")


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", email=EMAIL)


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def queued(phase: Phase, team: Team, method: str = "ours") -> Submission:
    state = Submission.State.QUEUED
    return build_submission(phase, team=team, method=method, state=state, submitted_at=NOW)


def recipients(server: MailServer) -> list[str]:
    return sorted(mail["To"] for mail in server.received)


def told(server: MailServer, to: str = EMAIL) -> EmailMessage:
    (mail,) = [mail for mail in server.received if mail["To"] == to]
    return mail


def test_a_failure_is_told_in_the_words_of_the_verdict(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    submission = queued(phase, team)
    mark_failed(submission, ["a.png is missing.", "b.png is too large."], NOW)
    mark_failed(submission, ["again"], NOW)  # it has failed already: nothing more is told
    deliver(at(NOW))
    mail = told(mail_server)
    assert mail["Subject"] == f"{phase.challenge.name}: Your submission ours to Validation failed"
    text = text_of(mail)
    assert "  Failed; why stands below.\n  a.png is missing.\n  b.png is too large.\n" in text
    own = f"/{phase.challenge.slug}/submit/submissions/{submission.pk}/"
    assert f"  https://ratings.example.org{own}\n" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert max(map(len, text.splitlines())) <= 160


def test_scores_are_told_only_where_the_team_may_see_them(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    phase.boards_open_at = None
    phase.save()
    mark_scored(queued(phase, team), NOW)
    deliver(at(NOW))
    text = text_of(told(mail_server))
    assert "The phase hides its scores until the organizers open the boards." in " ".join(
        text.split()
    )
    assert "dB" not in text


def test_what_affects_all_comes_once_to_each_address(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    build_member(team, name="Ann", email=EMAIL.upper())  # the same as the team's
    build_member(team, name="Bea", email="bea@example.org")
    build_team(phase.challenge, name="jpeg", kind="baseline", email="codec@example.org")
    build_team(phase.challenge, name="silent")
    build_team(name="elsewhere", email="elsewhere@example.org")
    later = phase.closes_at + DAY
    tell_move(phase, later, NOW)
    tell_deadlines(NOW)
    tell_deadlines(NOW)
    Phase.objects.filter(pk=phase.pk).update(closes_at=later)
    deliver(at(NOW))
    assert recipients(mail_server) == [EMAIL.upper(), "bea@example.org"]
    text = text_of(told(mail_server, "bea@example.org"))
    assert text.count("Validation closes later") == text.count("Validation closes soon") == 1


def test_a_draft_and_what_is_over_are_told_to_nobody(mail_server: MailServer, team: Team) -> None:
    challenge = team.challenge
    old = build_phase(challenge, opens_at=NOW - 9 * DAY, closes_at=NOW - 8 * DAY)
    tell_move(old, NOW - 7 * DAY, NOW)
    assert not waiting_events()
    Challenge.objects.update(draft=True)
    record_event(Kind.ANNOUNCED, NOW, challenge=challenge.pk, facts={"title": "News"})
    challenge.announcements.create(title="News", text="Soon.", at=NOW)
    tell_deadlines(NOW)
    tell_due_news(NOW)
    deliver(at(NOW))
    assert mail_server.received == []


def test_an_announcement_is_told_when_its_time_comes(mail_server: MailServer, team: Team) -> None:
    news = team.challenge.announcements
    news.create(title="Later", text="Wait.", at=NOW + DAY)
    news.create(title="Long ago", text="Gone.", at=NOW - 2 * DAY)
    tell_due_news(NOW)
    assert not waiting_events()
    for _ in range(2):
        tell_due_news(NOW + DAY)
    deliver(at(NOW + DAY))
    mail = told(mail_server)
    assert mail["Subject"].endswith(": Later") and "  Wait.\n" in text_of(mail)


def test_switches_say_what_comes(mail_server: MailServer, phase: Phase, team: Team) -> None:
    other = build_team(phase.challenge, name="other", email="other@example.org")
    third = build_team(phase.challenge, name="third", email="third@example.org")
    choose(SITE_TEAM, [Kind.MOVED])
    choose(f"team {team.pk}", [Kind.MOVED, Kind.FAILED])
    stop_all(f"team {third.pk}")
    for one in (team, other, third):
        mark_failed(queued(phase, one), ["No."], NOW)
    tell_move(phase, phase.closes_at + DAY, NOW)
    deliver(at(NOW))
    assert recipients(mail_server) == ["other@example.org", EMAIL]
    assert "failed" in text_of(told(mail_server))
    assert "failed" not in text_of(told(mail_server, "other@example.org"))


def test_a_team_is_not_told_of_what_it_switched_off_meanwhile(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    mail_server.answer = "451 later"
    mark_failed(queued(phase, team), ["No."], NOW)
    deliver(at(NOW))
    stop_all(f"team {team.pk}")
    mail_server.answer = ""
    deliver(at(NOW + MINUTE))
    assert Dispatch.objects.get().outcome == "dropped" and mail_server.received == []


def test_many_failures_are_one_letter(mail_server: MailServer, phase: Phase, team: Team) -> None:
    submission = queued(phase, team)
    mark_failed(submission, ["No."], NOW)
    for _ in range(29):
        record_event(
            Kind.FAILED, NOW, challenge=phase.challenge_id, team=team.pk, about=submission.pk
        )
    deliver(at(NOW))
    text = text_of(told(mail_server))
    assert text.count("Your submission ours") == 20 and "... and 10 more:" in text
    tell_move(phase, phase.closes_at + DAY, NOW)
    deliver(at(NOW + MINUTE))
    assert len(mail_server.received) == 1
    deliver(at(NOW + LEAST_BETWEEN))
    assert len(mail_server.received) == 2


def test_names_put_nothing_into_headers(mail_server: MailServer, phase: Phase, team: Team) -> None:
    name = "A\r\nBcc: all@example.org\u202e\x00 B"
    Challenge.objects.filter(pk=phase.challenge_id).update(name=name.replace("\x00", ""))
    Team.objects.update(name=name.replace("\x00", ""))
    mark_failed(queued(phase, team), ["No."], NOW)
    deliver(at(NOW))
    mail = told(mail_server)
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("A Bcc: all@example.org B: Your submission")


def test_organizers_are_called_and_nobody_else(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    site = build_organizer(username="olga", email="olga@example.org")
    build_organizer(username="gone", email="gone@example.org", is_active=False)
    here = build_organizer(username="piet", email="piet@example.org", is_staff=False)
    here.memberships.create(role="organizer", challenge=phase.challenge)
    viewer = build_organizer(username="vera", email="vera@example.org", is_staff=False)
    viewer.memberships.create(role="viewer", challenge=None)
    mark_failed(queued(phase, team), ["The server could not."], NOW, by_server=True)
    call_for_a_person("The disk is full. Delete.", NOW, single="disk")
    deliver(at(NOW))
    assert recipients(mail_server) == [site.email, here.email, EMAIL]
    everything, some = (
        text_of(told(mail_server, site.email)),
        text_of(told(mail_server, here.email)),
    )
    assert "The disk is full." in everything and "The disk is full." not in some
    assert "https://ratings.example.org/desk/submissions/" in some
    assert User.objects.count() == 4


def test_who_can_t_be_written_to_is_tried_once(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    mail_server.answer = f"550 no {EMAIL} here"
    mark_failed(queued(phase, team), ["No."], NOW)
    deliver(at(NOW))
    dispatch = Dispatch.objects.get(event__kind=Kind.FAILED)
    assert (dispatch.outcome, dispatch.status) == ("given-up", 550)
    assert EMAIL not in dispatch.error  # addresses are looked up, and nowhere else
    assert Event.objects.filter(kind=Kind.NEEDED, single=f"given up {NOW.date()}").exists()


def test_a_server_that_is_away_is_asked_again_with_the_same_id(
    mail_server: MailServer, phase: Phase, team: Team, settings: Settings
) -> None:
    port = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    for method in ("one", "two"):
        mark_failed(queued(phase, team, method), ["No."], NOW)
    deliver(at(NOW))
    letter = Dispatch.objects.values_list("letter", flat=True).distinct().get()
    settings.EMAIL_PORT = port
    deliver(at(NOW + MINUTE))
    assert told(mail_server)["Message-ID"] == f"<{letter}@ratings.example.org>"
    assert "one" in text_of(told(mail_server)) and "two" in text_of(told(mail_server))


def test_without_mail_nothing_waits(phase: Phase, team: Team, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    mark_failed(queued(phase, team), ["No."], NOW)
    deliver(at(NOW))
    assert not Dispatch.objects.exists() and not waiting_events()


def test_erasing_a_team_erases_what_was_to_be_told(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    member = build_member(team, name="Ann", email="ann@example.org")
    mail_server.answer = "451 later"
    mark_failed(queued(phase, team), ["No."], NOW)
    tell_move(phase, phase.closes_at + DAY, NOW)
    deliver(at(NOW))
    choose(f"member {member.pk}", [])
    erase_team(team, "ann", NOW)
    assert not Dispatch.objects.exists()
    assert [event.kind for event in Event.objects.exclude(kind=Kind.NEEDED)] == [Kind.MOVED]


def test_a_hook_is_told_keys_and_addresses_alone(
    hook_receiver: HookReceiver, phase: Phase, team: Team, settings: Settings
) -> None:
    settings.SITE_ADDRESS = "https://ratings.example.org"
    build_hook(phase.challenge, url=hook_receiver.url)
    build_hook(build_phase().challenge, url=hook_receiver.url)
    submission = queued(phase, team, "secret-method")
    mark_failed(submission, ["original.png differs."], NOW)
    deliver(at(NOW))
    (posted,) = hook_receiver.posted
    event = Event.objects.get(kind=Kind.FAILED)
    assert posted.headers["webhook-id"] == f"msg_{event.pk.hex}"
    assert posted.path == "/hook?key=1" and posted.headers["content-type"] == "application/json"
    assert json.loads(posted.body) == {
        "type": "submission.failed",
        "timestamp": NOW.isoformat(),
        "data": {
            "challenge": phase.challenge.slug,
            "submission": str(submission.pk),
            "phase": phase.slug,
            "state": "failed",
            "by_server": False,
            "url": f"https://ratings.example.org/desk/submissions/{submission.pk}/",
        },
    }
    for word in (b"xvc", b"secret-method", b"original"):
        assert word not in posted.body
    delivered = Dispatch.objects.get()
    assert (delivered.outcome, delivered.status) == ("delivered", 204)


def test_a_hook_gets_the_kinds_that_it_wants(
    hook_receiver: HookReceiver, phase: Phase, team: Team
) -> None:
    build_hook(phase.challenge, url=hook_receiver.url, kinds=[Kind.MOVED])
    mark_scored(queued(phase, team), NOW)
    tell_move(phase, phase.closes_at + DAY, NOW)
    deliver(at(NOW))
    (posted,) = hook_receiver.posted
    told = json.loads(posted.body)
    assert told["type"] == "deadline.moved" and told["data"]["phase"] == phase.slug
    assert datetime.fromisoformat(told["data"]["closes_at"]) == phase.closes_at + DAY


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_a_hook_refuses_comes_again_under_the_same_id(
    hook_receiver: HookReceiver, phase: Phase, team: Team, status: int
) -> None:
    hook = build_hook(phase.challenge, url=hook_receiver.url, kinds=[Kind.SCORED])
    hook_receiver.status = status
    for method in ("one", "two"):
        mark_scored(queued(phase, team, method), NOW)
    deliver(at(NOW))
    # Redirects lead nowhere, and the second event does not meet the same fault at once.
    assert [posted.path for posted in hook_receiver.posted] == ["/hook?key=1"]
    hook.refresh_from_db()
    assert hook.failing_since == NOW
    hook_receiver.status = 200
    deliver(at(NOW + MINUTE))
    ids = [posted.headers["webhook-id"] for posted in hook_receiver.posted]
    assert len(ids) == 3 and ids[0] == ids[1] != ids[2]
    stamps = [int(posted.headers["webhook-timestamp"]) for posted in hook_receiver.posted]
    assert stamps[1] - stamps[0] == 60
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_a_hook_that_is_away_for_days_is_left_alone(
    hook_receiver: HookReceiver, phase: Phase, team: Team
) -> None:
    hook = build_hook(phase.challenge, url=hook_receiver.url, kinds=[Kind.SCORED])
    hook_receiver.status = 500
    for days in range(7):
        now = NOW + days * DAY
        mark_scored(queued(phase, team, f"method {days}"), now)
        deliver(at(now))
    hook.refresh_from_db()
    assert hook.disabled_at == NOW + DISABLED_AFTER
    call = Event.objects.get(single__startswith=f"hook {hook.pk} disabled")
    assert call.challenge == phase.challenge_id
    assert call.facts["path"] == f"/desk/challenges/{phase.challenge.slug}/hooks/"
    first = Dispatch.objects.order_by("event__at").first()
    assert first and first.outcome == "given-up" and first.ended_at
    assert first.ended_at - NOW >= GIVEN_UP_AFTER
    before = len(hook_receiver.posted)
    deliver(at(NOW + 30 * DAY))
    assert len(hook_receiver.posted) == before
    assert not Dispatch.objects.filter(outcome="open").exists()


def test_a_hook_that_says_it_is_gone_is_disabled_at_once(
    hook_receiver: HookReceiver, phase: Phase, team: Team
) -> None:
    build_hook(phase.challenge, url=hook_receiver.url)
    hook_receiver.status = 410
    mark_scored(queued(phase, team), NOW)
    deliver(at(NOW))
    assert Hook.objects.get().disabled_at == NOW


def test_links_in_letters_are_of_the_site_alone(
    mail_server: MailServer, phase: Phase, team: Team
) -> None:
    mark_failed(queued(phase, team), ["No."], NOW)
    deliver(at(NOW))
    mail = told(mail_server)
    hosts = set(re.findall(r"https?://([^/\s]+)", text_of(mail)))
    assert hosts == {"ratings.example.org"}
    stop = re.search(r"https://ratings.example.org/mail/\S+/", text_of(mail))
    assert stop and mail["List-Unsubscribe"].strip() == f"<{stop[0]}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
