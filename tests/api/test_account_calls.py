"""Accounts by the API: the same acts as at the desk, in the same words."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import AccountLink, AuditEntry
from tests.api.conftest import bearer, details
from tests.builders import build_challenge, build_organizer, build_token

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"
OLD, NEW = "correct horse", "battery staple"


@pytest.fixture
def ann() -> Client:
    return bearer(build_token(build_organizer(username="ann", password=OLD)))


def send(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
    return client.generic(method, path, json.dumps(body or {}), "application/json")


def invite(ann: Client, **fields: Any) -> str:
    """Invite somebody; return the path of the call by which they choose."""
    body = {"label": "Bea", "role": "viewer", "challenge": None} | fields
    answer = send(ann, "POST", f"{ACCOUNTS}invitations/", body)
    assert answer.status_code == 201
    url: str = answer.json()["url"]
    assert url.startswith("http://testserver/desk/links/")
    return f"{ACCOUNTS}links/{url.split('/')[-2]}/"


def test_an_account_is_made_given_roles_and_left_without(ann: Client, client: Client) -> None:
    build_challenge(slug="clic")
    made = send(client, "POST", invite(ann, challenge="clic"), {"name": "bea", "password": NEW})
    assert made.status_code == 201
    account = made.json()
    assert account["name"] == "bea" and account["last_login"] is None
    assert account["roles"] == [{"role": "viewer", "challenge": "clic"}]
    role = f"{ACCOUNTS}{account['id']}/role/"
    given = send(ann, "PUT", role, {"role": "panel", "challenge": None})
    assert given.json()["roles"] == [
        {"role": "panel", "challenge": None},
        {"role": "viewer", "challenge": "clic"},
    ]
    assert ann.delete(role).status_code == 400
    assert ann.delete(f"{role}?challenge=clic").status_code == 204
    assert ann.delete(f"{role}?challenge=").status_code == 204
    assert ann.delete(f"{role}?challenge=").status_code == 422
    listed = ann.get(ACCOUNTS).json()["results"]
    assert [(one["name"], one["roles"]) for one in listed] == [
        ("ann", [{"role": "organizer", "challenge": None}]),
        ("bea", []),
    ]


def test_invitations_are_listed_and_taken_back(ann: Client, client: Client) -> None:
    link = invite(ann)
    (waiting,) = ann.get(f"{ACCOUNTS}invitations/").json()["results"]
    assert (waiting["label"], waiting["by"], waiting["role"]) == ("Bea", "ann", "viewer")
    one = f"{ACCOUNTS}invitations/{waiting['id']}/"
    assert ann.delete(one).status_code == 204
    assert ann.delete(one).status_code == 404
    refused = send(client, "POST", link, {"name": "bea", "password": NEW})
    assert refused.status_code == 404 and "was used, has expired" in details(refused)[0]


def test_what_can_not_be_chosen_is_said(ann: Client, client: Client) -> None:
    link = invite(ann)
    short = send(client, "POST", link, {"name": "bea", "password": "x"})
    assert short.status_code == 422 and "too short" in details(short)[0]
    taken = send(client, "POST", link, {"name": "Ann", "password": NEW})
    assert taken.status_code == 422 and "already" in details(taken)[0]
    assert send(client, "POST", link, {"name": "bea"}).status_code == 400
    assert AccountLink.objects.count() == 1
    for body in ({"role": "king"}, {"challenge": "none"}, {"challenge": ""}, {"label": " "}):
        asked = {"label": "x", "role": "viewer", "challenge": None} | body
        assert send(ann, "POST", f"{ACCOUNTS}invitations/", asked).status_code == 400


def test_a_lost_password_is_replaced(ann: Client, client: Client) -> None:
    bea = build_organizer(username="bea", password=OLD)
    script = bearer(build_token(bea))
    answer = ann.post(f"{ACCOUNTS}{bea.pk}/reset/")
    assert answer.status_code == 201
    assert script.get(ACCOUNTS).status_code == 401
    token = answer.json()["url"].split("/")[-2]
    chosen = send(client, "POST", f"{ACCOUNTS}links/{token}/", {"password": NEW})
    assert chosen.status_code == 201 and chosen.json()["name"] == "bea"
    assert Client().login(username="bea", password=NEW)
    me = User.objects.get(username="ann")
    assert ann.post(f"{ACCOUNTS}{me.pk}/reset/").status_code == 422


def test_the_last_organizer_stays(ann: Client) -> None:
    me = User.objects.get(username="ann")
    taken = ann.delete(f"{ACCOUNTS}{me.pk}/role/?challenge=")
    assert taken.status_code == 409 and "make another account one first" in details(taken)[0]
    assert ann.get(ACCOUNTS).status_code == 200 and not AuditEntry.objects.exists()


def test_one_s_own_password_is_changed_with_the_old_one(ann: Client) -> None:
    own = f"{ACCOUNTS}own/password/"
    assert send(ann, "PUT", own, {"old": "no", "new": NEW}).status_code == 401
    assert send(ann, "PUT", own, {"old": OLD, "new": "x"}).status_code == 422
    changed = send(ann, "PUT", own, {"old": OLD, "new": NEW})
    assert changed.status_code == 204 and not changed.cookies
    assert Client().login(username="ann", password=NEW)
    assert ann.get(ACCOUNTS).status_code == 200  # tokens stay


def test_who_changes_it_at_the_desk_stays_signed_in() -> None:
    user = build_organizer(password=OLD)
    client, elsewhere = Client(), Client()
    for one in (client, elsewhere):
        one.force_login(user)
    assert send(client, "PUT", f"{ACCOUNTS}own/password/", {"old": OLD, "new": NEW})
    assert client.get(ACCOUNTS).status_code == 200
    assert elsewhere.get(ACCOUNTS).status_code == 401
