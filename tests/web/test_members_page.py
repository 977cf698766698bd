"""A team's page of its members, and the door by which one joins."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from ratings.challenge.models import Member, Phase, Team
from ratings.outbox.dispatching import waiting_events
from ratings.outbox.models import Event
from tests.builders import (
    PASSWORD,
    build_member,
    build_organizer,
    build_submission,
    build_team,
)
from tests.web.builders import build_running_phase
from tests.web.pages import markup, page

pytestmark = pytest.mark.django_db
OWN, NEW = "battery staple", "another password"
LINK = re.compile(r"http://testserver(/[\w-]+/submit/[\w-]+/(?:join/)?[\w-]+/)")


@pytest.fixture
def phase() -> Phase:
    return build_running_phase()


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", password=PASSWORD, email="x@example.org")


def submit(team: Team, rest: str = "") -> str:
    return f"/{team.challenge.slug}/submit/{rest}"


def signed_in(team: Team, name: str = "xvc", password: str = PASSWORD) -> Client:
    client = Client()
    fields = {"name": name, "password": password}
    assert client.post(submit(team, "sign-in/"), fields).status_code == 302
    return client


def act(client: Client, team: Team, what: str, **fields: object) -> int:
    return client.post(submit(team, f"members/{what}/"), fields).status_code


def shown_link(client: Client, path: str) -> str:
    """Return the link that a page shows, which it does once."""
    found = LINK.search(page(client, path))
    assert found and not LINK.search(page(client, path))
    return str(found[1])


def join(link: str, name: str) -> Client:
    client = Client()
    fields = {"name": name, "email": "", "password": OWN, "again": OWN}
    assert client.post(link, fields).status_code == 302
    return client


def test_a_team_invites_and_who_joins_acts_under_their_name(phase: Phase, team: Team) -> None:
    xvc, members = signed_in(team), submit(team, "members/")
    assert "Who joins first owns the team" in page(xvc, members)
    assert act(xvc, team, "invite", label="Ann") == 302
    link = shown_link(xvc, members)
    assert "<h1>Join xvc</h1>" in page(Client(), link)
    ann = join(link, "Ann")
    assert "<strong>xvc</strong>, Ann" in page(ann, submit(team))
    assert "was used" in page(Client(), link)
    assert act(xvc, team, "invite", label="Bea") == 422  # the owner's alone now
    assert act(ann, team, "invite", label="Bea") == 302
    bea = join(shown_link(ann, members), "Bea")
    html = page(bea, members)
    assert "Invite somebody" not in html and "Leave the team" in html
    assert "Remove from the team" in page(ann, members)
    draft = build_submission(phase, team)
    assert bea.post(submit(team, f"submissions/{draft.pk}/delete/")).status_code == 302
    assert re.search(r"member Bea</td><td>deleted an open submission", page(xvc, members))
    entered = build_submission(phase, team, begun_by="olga")
    for path in (submit(team), submit(team, f"submissions/{entered.pk}/")):
        assert "an organizer" in page(ann, path) and "olga" not in page(ann, path)
    one = build_submission(phase, team, state="queued", begun_by="member Ann")
    assert bea.post(submit(team, f"submissions/{one.pk}/withdraw/")).status_code == 302
    assert team.audit_entries.filter(kind="withdraw", by="member Bea").exists()
    assert "member Ann" in page(ann, submit(team, f"submissions/{one.pk}/"))
    assert "member Ann" in page(ann, submit(team))


def test_the_owner_removes_and_resets_and_members_leave(team: Team) -> None:
    for name in ("Ann", "Bea", "Cleo"):
        build_member(team, name=name, password=OWN)
    ann, bea, cleo = (signed_in(team, name, OWN) for name in ("Ann", "bea", "CLEO"))
    keys = dict(Member.objects.values_list("name", "pk"))
    assert act(bea, team, "remove", member=keys["Cleo"]) == 422
    assert act(bea, team, "reset", member=keys["Cleo"]) == 422
    assert act(ann, team, "remove", member=keys["Cleo"]) == 302
    assert "Cleo is a member no more." in page(ann, submit(team, "members/"))
    assert cleo.get(submit(team, "members/")).status_code == 302
    assert act(ann, team, "reset", member=keys["Bea"]) == 302
    link = shown_link(ann, submit(team, "members/"))
    assert bea.get(submit(team, "members/")).status_code == 302
    renewed = Client()
    assert renewed.post(link, {"password": NEW, "again": NEW}).status_code == 302
    assert "<strong>xvc</strong>, Bea" in page(renewed, submit(team))
    assert act(renewed, team, "remove", member=keys["Bea"]) == 302
    assert renewed.get(submit(team, "members/")).status_code == 302
    for fields in ({"member": "x"}, {"member": "9" * 30}, {}, {"member": keys["Cleo"]}):
        assert act(ann, team, "remove", **fields) == 404
    assert act(ann, team, "nonsense") == 404
    assert list(Member.objects.values_list("name", flat=True)) == ["Ann"]


def test_a_member_changes_their_own_account_with_the_right_words(team: Team) -> None:
    build_member(team, name="Ann", password=OWN)
    ann, path = signed_in(team, "Ann", OWN), submit(team, "account/")
    fields = {"email": "", "current": "wrong password", "password": NEW, "again": NEW}
    html = markup(ann.post(path, fields))
    assert "The password as it is now is another one." in html and "take a" not in html
    assert "Of Ann, a member of the team xvc." in html
    assert "Saved." in markup(ann.post(path, fields | {"current": OWN}))
    assert ann.get(path).status_code == 200
    assert signed_in(team, "Ann", NEW) and signed_in(team)


def test_an_invitation_goes_by_mail_where_the_site_sends_mail(
    team: Team, settings: Settings
) -> None:
    xvc, members = signed_in(team), submit(team, "members/")
    assert 'name="email"' not in page(xvc, members)
    settings.EMAIL_HOST = "mail.example.org"
    assert 'name="email"' in page(xvc, members)
    assert act(xvc, team, "invite", label="Ann", email="nobody") == 422
    assert act(xvc, team, "invite", label="Ann", email="ann@example.org") == 302
    html = page(xvc, members)
    assert "on its way to ann@example.org" in html and not LINK.search(html)
    assert [event.kind for event in waiting_events()] == [Event.Kind.INVITED]
    build_member(team, name="Bea", email="bea@example.org")
    for name in ("bea", "BEA@example.org", "Nobody@example.org"):
        Client().post(submit(team, "lost-password/"), {"name": name})
    assert [event.kind for event in waiting_events()][1:] == [Event.Kind.PASSWORD] * 2


def test_organizers_remove_members_and_let_them_in_again(
    phase: Phase, team: Team, client: Client
) -> None:
    ann = build_member(team, name="Ann", password=OWN)
    build_submission(phase, team, begun_by="member Ann", submitted_by="member Ann")
    client.force_login(build_organizer(username="olga"))
    path = f"/desk/challenges/{team.challenge.slug}/teams/{team.pk}/"
    assert "Ann" in page(client, path)
    assert client.post(f"{path}invite/", {"label": "Bea"}).status_code == 302
    assert join(shown_link(client, path), "Bea")
    assert client.post(f"{path}reset/", {"member": ann.pk}).status_code == 302
    assert "/lost-password/" in shown_link(client, path)
    assert client.post(f"{path}remove/", {"member": ann.pk}).status_code == 302
    assert "Ann is a member no more." in page(client, path)
    assert list(Member.objects.values_list("name", flat=True)) == ["Bea"]
    assert client.post(f"{path}erase/", {"confirm": "xvc"}).status_code == 302
    assert not Member.objects.exists() and "Ann" not in page(client, path)
    assert "Ann" not in str(list(team.submissions.values()))


def test_who_belongs_to_a_team_is_not_public(phase: Phase, team: Team, client: Client) -> None:
    build_member(team, name="Annabella", password=OWN)
    build_submission(phase, team, begun_by="member Annabella")
    slug = team.challenge.slug
    for path in (f"/{slug}/", submit(team), f"/{slug}/{phase.slug}/board/"):
        assert "Annabella" not in client.get(path).content.decode()
    assert client.get(submit(team, "members/")).status_code == 302
    rival = build_team(phase.challenge, name="rival", password=PASSWORD)
    assert "Annabella" not in page(signed_in(rival, "rival"), submit(team, "members/"))


def test_the_forms_are_protected_against_other_sites(team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(submit(team, "members/invite/"), {"label": "x"}).status_code == 403
    assert client.post(submit(team, "members/join/x/"), {}).status_code == 403
