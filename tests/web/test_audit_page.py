"""The audit log: each act with who, when, what and about whom; filtered, and as CSV."""

import csv
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Challenge, Membership
from ratings.challenge.teams.team_accounts import set_kind
from tests.builders import build_challenge, build_organizer, build_team
from tests.web.pages import page

pytestmark = pytest.mark.django_db
Kind = AuditEntry.Kind


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2018, 4, day, hour, tzinfo=UTC)


@pytest.fixture
def clic() -> Challenge:
    return build_challenge(slug="clic", name="CLIC")


@pytest.fixture(autouse=True)
def entries(clic: Challenge) -> None:
    record(None, Kind.INVITE, "ann", at(1), subject="Bea", note="viewer of the whole site")
    record(None, Kind.JOIN, "bea", at(2), subject="bea")
    record(clic, Kind.ROLE, "ann", at(3), subject="bea", note="organizer of CLIC")
    set_kind(build_team(clic, name="xvc"), "ineligible", "Too late", "bea", at(4, 23))
    other = build_challenge(slug="other", name="Other")
    record(other, Kind.ROLE, "ann", at(5), subject="cleo")


@pytest.fixture
def ann() -> Client:
    client = Client()
    client.force_login(build_organizer(username="ann"))
    return client


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/api/v1/audit/?format=csv{query}")
    assert response.status_code == 200 and response["Content-Type"].startswith("text/csv")
    text = response.getvalue().decode()
    return list(csv.DictReader(text.splitlines()))


def days(client: Client, query: str = "") -> list[int]:
    """Return the days of the entries that are told, which page, JSON and CSV tell alike."""
    told = [int(row["at"][8:10]) for row in rows(client, f"&{query}")]
    listed = client.get(f"/api/v1/audit/?{query}").json()["results"]
    assert [int(entry["at"][8:10]) for entry in listed] == told
    html = page(client, f"/desk/audit/?{query}")
    assert html.count("<tr>") == len(told) + bool(told)
    return told


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("person=bea", [4, 3, 2]),
        ("person=ann", [5, 3, 1]),
        ("kind=role", [5, 3]),
        ("challenge=clic", [4, 3]),
        ("since=2018-04-02&until=2018-04-04", [4, 3, 2]),
        ("until=2018-04-01", [1]),
        ("until=9999-12-31&since=0001-01-01", [5, 4, 3, 2, 1]),
        ("person=ann&kind=role&challenge=clic", [3]),
        ("person=nobody", []),
        ("person=&kind=", [5, 4, 3, 2, 1]),
    ],
)
def test_entries_are_filtered(ann: Client, query: str, expected: list[int]) -> None:
    assert days(ann, query) == expected


def test_an_entry_says_all_of_it(ann: Client) -> None:
    (row,) = rows(ann, "&challenge=clic&kind=kind")
    assert row == {
        "at": "2018-04-04T23:00:00+00:00",
        "by": "bea",
        "kind": "kind",
        "did": "changed a team's kind",
        "challenge": "clic",
        "team": "xvc",
        "subject": "ineligible",
        "note": "Too late",
    }
    html = page(ann, "/desk/audit/?challenge=clic")
    assert "format=csv" in html and "challenge=clic" in html and "Too late" in html


@pytest.mark.parametrize("role", ["organizer", "viewer"])
def test_one_challenge_s_people_read_its_entries_alone(clic: Challenge, role: str) -> None:
    user = User.objects.create_user("cleo")
    Membership.objects.create(user=user, challenge=clic, role=role)
    client = Client()
    client.force_login(user)
    assert days(client) == [4, 3]
    assert days(client, "challenge=other") == []
    assert "Other" not in page(client, "/desk/audit/")


def test_what_is_no_day_or_kind_is_said(ann: Client) -> None:
    answer = ann.get("/desk/audit/?since=yesterday")
    assert answer.status_code == 422 and "is no day" in answer.content.decode()
    assert ann.get("/desk/audit/?kind=x").status_code == 200
    for query in ("since=yesterday", "kind=x", "format=xml", "colour=red"):
        assert ann.get(f"/api/v1/audit/?{query}").status_code == 400


def test_strangers_read_none_of_it(client: Client) -> None:
    assert client.get("/desk/audit/").status_code == 302
    assert client.get("/api/v1/audit/").status_code == 401
