"""Switches of mail: by the link of a letter, at the team's page, and at the desk."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import Team
from ratings.notices.mail_choices import SITE_TEAM, SITE_USER, choices_of
from ratings.notices.stop_links import stop_token
from ratings.outbox.dispatching import spread, waiting_events
from ratings.outbox.models import Dispatch, Event
from ratings.outbox.recording import record_event
from tests.builders import NOW, PASSWORD, build_member, build_organizer, build_team

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
CHECKED = re.compile(r'value="([a-z.]+)"\s+checked')


@pytest.fixture
def team() -> Team:
    return build_team(name="xvc", password=PASSWORD, email="xvc@example.org")


def on(receiver: str) -> set[str]:
    return {str(kind) for kind, is_on in choices_of(receiver).items() if is_on}


def test_one_click_ends_mail_without_signing_in(team: Team) -> None:
    receiver = f"team {team.pk}"
    path = f"/mail/{stop_token(receiver)}/"
    client = Client(enforce_csrf_checks=True)
    assert len(on(receiver)) == 5
    html = client.get(path).content.decode()
    assert len(CHECKED.findall(html)) == 5 and "xvc@example.org" not in html
    assert len(on(receiver)) == 5  # looking changes nothing: scanners of mail look at links
    assert client.post(path, ONE_CLICK).status_code == 200
    assert on(receiver) == set()
    client.post(path, {"kind": ["deadline.moved"]})
    assert on(receiver) == {"deadline.moved"}
    client.post(path, {"kind": ["deadline.moved"], "none": "1"})
    assert on(receiver) == set()


def test_nobody_switches_for_another(team: Team) -> None:
    token = stop_token(f"team {team.pk}").replace(f"team-{team.pk}", f"team-{team.pk + 1}")
    for wrong in (token, "x", f"team-{team.pk}", f"team-{team.pk}."):
        assert Client().post(f"/mail/{wrong}/", ONE_CLICK).status_code == 404
    assert len(on(f"team {team.pk + 1}")) == 5


def test_a_team_and_its_member_have_switches_of_their_own(team: Team) -> None:
    ann = build_member(team, name="Ann", password=PASSWORD, email="ann@example.org")
    submit = f"/{team.challenge.slug}/submit/"
    assert Client().get(f"{submit}mail/").status_code == 302
    for name, receiver in (("xvc", f"team {team.pk}"), ("Ann", f"member {ann.pk}")):
        client = Client()
        client.post(f"{submit}sign-in/", {"name": name, "password": PASSWORD})
        assert len(CHECKED.findall(client.get(f"{submit}mail/").content.decode())) == 5
        html = client.post(f"{submit}mail/", {"kind": ["submission.failed"]}).content.decode()
        assert CHECKED.findall(html) == ["submission.failed"] and "Saved." in html
        assert on(receiver) == {"submission.failed"}


def test_an_organizer_sets_address_and_switches(client: Client) -> None:
    user = build_organizer(username="olga", email="")
    client.force_login(user)
    fields = {"mail": "1", "email": "olga@example.org", "kind": ["submission.failed"]}
    assert client.post("/desk/account/", fields).status_code == 302
    assert User.objects.get().email == "olga@example.org"
    assert on(f"user {user.pk}") == {"submission.failed"}
    refused = client.post("/desk/account/", fields | {"email": "nobody"})
    assert refused.status_code == 422 and "is no e-mail address" in refused.content.decode()
    assert User.objects.get().email == "olga@example.org"


def test_the_site_has_defaults_and_lists_what_did_not_arrive(client: Client, team: Team) -> None:
    client.force_login(build_organizer(username="olga"))
    assert client.post("/desk/mail/", {"of": "teams", "kind": ["deadline.soon"]}).status_code == 302
    assert (on(SITE_TEAM), on(f"team {team.pk}")) == ({"deadline.soon"},) * 2
    assert on(SITE_USER) == {"person.needed"}
    record_event(Event.Kind.FAILED, NOW, team=team.pk)
    (event,) = waiting_events()
    spread(event, [f"team {team.pk}"], [], NOW)
    assert "has arrived" in client.get("/desk/mail/").content.decode()
    given_up = {"outcome": "given-up", "attempts": 3, "tried_at": NOW, "error": "said 550"}
    Dispatch.objects.update(**given_up)
    html = client.get("/desk/mail/").content.decode()
    assert "said 550" in html and "xvc" in html
    again = {"dispatch": Dispatch.objects.get().pk}
    assert client.post("/desk/mail/again/", again).status_code == 302
    assert Dispatch.objects.get().outcome == "open"
