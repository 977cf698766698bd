"""Mail that somebody asks for, as a mail server receives it."""

import re

import pytest
from django.test import Client
from django.utils.timezone import now

from ratings.challenge.models import Team
from ratings.challenge.teams.lost_passwords import actor_of_token
from ratings.challenge.teams.team_members import join_team
from ratings.jobs.mailing import invite_to_team, mail_password_link
from ratings.jobs.outbox_tasks import deliver_outbox
from ratings.outbox.models import Dispatch, Event
from tests.builders import PASSWORD, build_team
from tests.jobs.workers import defer, run_worker
from tests.outbox.receivers import MailServer, text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("decoding")]
EMAIL = "xvc@example.org"
SITE = "https://ratings.example.org"


@pytest.fixture
def team() -> Team:
    return build_team(name="xvc", password=PASSWORD, email=EMAIL)


def lose_password(team: Team, name: str) -> None:
    path = f"/api/v1/challenges/{team.challenge.slug}/team/lost-password/"
    sent = Client(headers={"host": "localhost"}).post(path, {"name": name}, "application/json")
    assert sent.status_code == 204


def deliver() -> None:
    defer(deliver_outbox)
    run_worker()


def test_a_link_to_a_new_password_is_mailed_to_the_team_alone(
    mail_server: MailServer, team: Team
) -> None:
    build_team(team.challenge, name="without an address", password=PASSWORD)
    for name in ("XVC", "nobody", "without an address"):
        lose_password(team, name)
    deliver()
    (mail,) = mail_server.received
    assert (mail["To"], mail["From"]) == (EMAIL, "Ratings <ratings@example.org>")
    # Asked for at another host: mails lead to where the site says that it is.
    link = re.search(rf"{SITE}/{team.challenge.slug}/submit/lost-password/(\S+)/", text_of(mail))
    assert link and "xvc" in text_of(mail)
    assert mail["List-Unsubscribe"] is None
    assert actor_of_token(team.challenge, link[1]).team == team


def test_a_mail_server_that_takes_nothing_now_is_asked_again(
    mail_server: MailServer, team: Team
) -> None:
    mail_server.answer = "452 full"
    lose_password(team, "xvc")
    deliver()
    dispatch = Dispatch.objects.get()
    assert (mail_server.received, dispatch.outcome, dispatch.status) == ([], "open", 452)


def test_an_invitation_and_a_member_s_new_password_are_mailed(
    mail_server: MailServer, team: Team
) -> None:
    slug, ann = team.challenge.slug, "ann@example.org"
    invite_to_team(team, "Ann", ann, "the team", now(), None)
    deliver()
    (mail,) = mail_server.received
    link = re.search(rf"{SITE}/{slug}/submit/members/join/(\S+)/", text_of(mail))
    assert link and (mail["To"], mail["Subject"]) == (ann, "Join the team xvc")
    fields = {"name": "Ann", "password": PASSWORD, "email": ann}
    actor = join_team(team.challenge, link[1], now(), **fields)
    lose_password(team, ann)
    deliver()
    (_, mail) = mail_server.received
    renewal = re.search(r"/submit/lost-password/(\S+)/", text_of(mail))
    assert renewal and mail["To"] == ann and "Ann, of the team\nxvc," in text_of(mail)
    assert actor_of_token(team.challenge, renewal[1]) == actor


def test_what_the_last_release_queued_is_mailed_too(mail_server: MailServer, team: Team) -> None:
    mail_password_link.defer(team_id=team.pk, page="http://other.example/", member_id=None)
    run_worker()
    assert Event.objects.get().team == team.pk
    deliver()
    assert SITE in text_of(mail_server.received[0])
