"""A team's account on the pages: registering, changing it, and getting in without the password."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ratings.challenge.models import Phase, Team
from ratings.challenge.teams.lost_passwords import make_token
from ratings.challenge.teams.team_logins import authenticate
from ratings.outbox.dispatching import waiting_events
from tests.builders import PASSWORD, build_member, build_team
from tests.web.builders import build_running_phase
from tests.web.pages import markup

pytestmark = pytest.mark.django_db
EMAIL, NEW = "xvc@example.org", "another password"
FIELDS = {"name": "XVC", "email": EMAIL, "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def phase() -> Phase:
    return build_running_phase()


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", password=PASSWORD, email=EMAIL)


def door(phase: Phase, which: str) -> str:
    return f"/{phase.challenge.slug}/submit/{which}/"


def told(client: Client, path: str, **fields: str) -> str:
    """Return the status, and what a page says that is shown again."""
    response = client.post(path, fields)
    said = markup(response) if response.status_code in (200, 429) else ""
    return f"{response.status_code} {said}".strip()


def sign_in(client: Client, phase: Phase, password: str = PASSWORD) -> str:
    return told(client, door(phase, "sign-in"), name="xvc", password=password)


def test_a_team_registers_and_is_signed_in(client: Client, phase: Phase) -> None:
    assert told(client, door(phase, "register"), **FIELDS) == "302"
    team = Team.objects.get()
    assert (team.name, team.email, team.kind) == ("XVC", EMAIL, "competing")
    assert authenticate(phase.challenge, "xvc", PASSWORD).team == team
    html = markup(client.get(door(phase, "account").removesuffix("account/")))
    assert "Signed in as <strong>XVC</strong>" in html and "New submission" in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"again": "other words"}, "The two passwords differ; write the same twice."),
        ({"password": "short", "again": "short"}, "The password must have 8 to 1024 characters."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"name": ""}, "Team name: This field is required."),
        ({"name": "A:B"}, "1 to 128 visible characters and no colon."),
        ({"name": "a@example.org"}, "looks like an e-mail address"),
        ({"name": "JPEG"}, "is kept for a baseline"),
        ({"name": "null"}, "take for a missing value"),
    ],
)
def test_what_can_t_be_is_said_and_nothing_made(
    client: Client, phase: Phase, fields: dict[str, str], words: str
) -> None:
    html = told(client, door(phase, "register"), **FIELDS | fields)
    assert words in html
    assert PASSWORD not in html
    assert not Team.objects.exists()


def test_a_name_that_is_taken_stays_its_team_s(client: Client, phase: Phase, team: Team) -> None:
    html = told(client, door(phase, "register"), **FIELDS | {"password": NEW, "again": NEW})
    assert "There is a team &#x27;xvc&#x27; already." in html
    assert authenticate(phase.challenge, "xvc", PASSWORD).team == team


def test_registering_is_slowed_down(client: Client, phase: Phase) -> None:
    for number in range(40):
        assert told(client, door(phase, "register"), **FIELDS | {"name": f"T{number}"}) == "302"
    refused = told(client, door(phase, "register"), **FIELDS)
    assert refused.startswith("429") and re.search(r"Too often\. Try again in \d+ s\.", refused)
    assert Team.objects.count() == 40


def test_a_team_changes_address_and_password_with_the_one_that_holds(
    client: Client, phase: Phase, team: Team
) -> None:
    path, same = door(phase, "account"), {"password": "", "again": ""}
    assert client.get(path).status_code == 302
    assert sign_in(client, phase) == "302"
    changed = {"email": "new@example.org", "current": "wrong password"}
    html = told(client, path, **same | changed)
    assert "The password as it is now is another one." in html and "different one" not in html
    assert "Saved." in told(client, path, **same | changed | {"current": PASSWORD})
    team.refresh_from_db()
    assert team.email == "new@example.org"
    assert authenticate(phase.challenge, "xvc", PASSWORD).team == team
    new = {"email": team.email, "current": PASSWORD, "password": NEW, "again": NEW}
    assert "Saved." in told(client, path, **new)
    assert client.get(path).status_code == 200  # still signed in, here alone
    assert authenticate(phase.challenge, "xvc", NEW).team == team


def test_a_member_takes_its_address_away_and_a_team_keeps_one(
    client: Client, phase: Phase, team: Team
) -> None:
    ann = build_member(team, password=PASSWORD, email="ann@example.org")
    path, empty = door(phase, "account"), {"email": "", "password": "", "again": ""}
    sign_in(client, phase)
    assert "This field is required." in told(client, path, **empty, current=PASSWORD)
    assert told(client, door(phase, "sign-in"), name=ann.name, password=PASSWORD) == "302"
    html = told(client, path, **empty, current=PASSWORD)
    assert "Saved." in html and "empty: none" in html and "ann@example.org" not in html
    ann.refresh_from_db()
    assert ann.email == ""


def test_a_wrong_password_of_a_member_is_told_as_such(
    client: Client, phase: Phase, team: Team
) -> None:
    build_member(team, name="Ann", password=PASSWORD)
    html = told(client, door(phase, "sign-in"), name="Ann", password=NEW)
    assert "The name &#x27;Ann&#x27; and this password don&#x27;t match" in html
    assert "different one" not in html and "Lost the password?" in html


def test_without_mail_the_page_says_who_helps(client: Client, phase: Phase, team: Team) -> None:
    html = markup(client.get(door(phase, "lost-password")))
    assert "Write to the organizers: they can set a new password." in html
    assert 'name="name"' not in html


def test_whoever_lost_the_password_finds_the_organizers(client: Client, phase: Phase) -> None:
    page = door(phase, "lost-password")
    assert "Ask the organizers" not in markup(client.get(page))
    phase.challenge.forum_url = "https://forum.example/"
    phase.challenge.save()
    way = '<a href="https://forum.example/">the forum</a>'
    assert way in markup(client.get(page))
    assert way not in markup(client.get(door(phase, "sign-in")))


def test_whether_there_is_such_a_team_is_not_told(
    client: Client, phase: Phase, team: Team, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    path, token = door(phase, "lost-password"), re.compile(r'value="\w+"')
    known, unknown = (token.sub("", told(client, path, name=name)) for name in ("XVC", "nobody"))
    assert "on its way" in known
    assert known == unknown
    assert [event.team for event in waiting_events()] == [team.pk]


def test_a_link_sets_a_password_and_signs_the_team_in(
    client: Client, phase: Phase, team: Team
) -> None:
    link = f"{door(phase, 'lost-password')}{make_token(team)}/"
    assert "8 to 1024" in told(client, link, password="short", again="short")
    assert "differ" in told(client, link, password=NEW, again=PASSWORD)
    assert told(client, link, password=NEW, again=NEW) == "302"
    assert client.get(door(phase, "account")).status_code == 200
    assert authenticate(phase.challenge, "xvc", NEW).team == team
    html = markup(client.get(link))
    assert "not, or no longer, good" in html and door(phase, "lost-password") in html


def test_nobody_s_letter_box_is_filled(
    client: Client, phase: Phase, team: Team, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    for _ in range(3):
        assert "on its way" in told(client, door(phase, "lost-password"), name="xvc")
    refused = told(client, door(phase, "lost-password"), name="XVC")
    assert refused.startswith("429") and "Too often" in refused


@pytest.mark.parametrize("which", ["register", "sign-in", "lost-password"])
def test_the_forms_are_protected_against_other_sites(
    phase: Phase, which: str, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    client = Client(enforce_csrf_checks=True)
    assert client.post(door(phase, which), FIELDS).status_code == 403
