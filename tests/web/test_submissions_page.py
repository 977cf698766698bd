"""A challenge's submissions at the desk: in pages, filtered, searched; and lists in pages."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import Challenge
from ratings.submissions.models import Submission
from ratings.web.parts.paging import ROWS
from tests.builders import (
    NOW,
    build_challenge,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
)
from tests.web.pages import page, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def challenge() -> Challenge:
    return build_challenge()


def address(challenge: Challenge, **asked: str) -> str:
    return f"/desk/challenges/{challenge.slug}/submissions/?{urlencode(asked)}"


def methods(client: Client, challenge: Challenge, **asked: str) -> list[str]:
    html = page(client, address(challenge, **asked))
    return re.findall(r'<th scope="row"><a href="/desk/submissions/[^"]+">([^<]+)</a>', html)


def test_it_is_for_organizers_alone(client: Client, challenge: Challenge) -> None:
    assert client.get(address(challenge)).status_code == 302
    client.force_login(build_organizer(is_staff=False))
    assert client.get(address(challenge)).status_code == 403


def test_filters_and_search(client: Client, organizer: User, challenge: Challenge) -> None:
    first, second = (build_phase(challenge, slug=f"p{n}") for n in range(2))
    ada, bob = (build_team(challenge, name=name) for name in ("Ada 100%", "Bob"))
    build_submission(first, ada, method="one", state="scored")
    build_submission(second, ada, method="two", state="failed", created_at=NOW + timedelta(1))
    build_submission(
        first,
        bob,
        method="three",
        state="scored",
        exclusion="withdrawn",
        created_at=NOW + timedelta(2),
    )
    build_submission(method="elsewhere")
    assert methods(client, challenge) == ["three", "two", "one"]
    assert methods(client, challenge, phase="p1") == ["two"]
    assert methods(client, challenge, state="scored") == ["three", "one"]
    assert methods(client, challenge, state="out") == ["three"]
    assert methods(client, challenge, team="ada") == ["two", "one"]
    assert methods(client, challenge, find="0%") == ["two", "one"]
    assert methods(client, challenge, find="THR") == ["three"]
    wanted = Submission.objects.get(method="two")
    assert methods(client, challenge, find=str(wanted.pk)[:13]) == ["two"]
    assert methods(client, challenge, phase="p1", state="scored") == []
    assert "None is like this" in page(client, address(challenge, find="nothing"))
    assert "None is like this" in page(client, address(challenge, state="odd"))


def test_an_empty_one_says_where_submissions_come_from(
    client: Client, organizer: User, challenge: Challenge
) -> None:
    assert "No submission yet" in page(client, address(challenge))


def test_pages_hold_fifty_and_keep_the_filter(
    client: Client, organizer: User, challenge: Challenge
) -> None:
    phase, team = build_phase(challenge), build_team(challenge)
    for number in range(ROWS + 3):
        build_submission(
            phase, team, method=f"m{number}", created_at=NOW + timedelta(minutes=number)
        )
    one = queries(client, address(challenge))
    assert len(methods(client, challenge)) == ROWS
    assert methods(client, challenge, page="2") == ["m2", "m1", "m0"]
    assert methods(client, challenge, page="99") == ["m2", "m1", "m0"]
    assert methods(client, challenge, page="x") == methods(client, challenge)
    html = page(client, address(challenge, state="open"))
    assert "?state=open&amp;page=2#submissions" in html and "1\N{EN DASH}50 of 53" in html
    Submission.objects.filter(method__in=[f"m{n}" for n in range(1, ROWS + 3)]).delete()
    assert queries(client, address(challenge)) == one


@pytest.mark.parametrize("path", ["teams/", "definition/versions/"])
def test_other_lists_come_in_pages_too(
    client: Client, organizer: User, challenge: Challenge, path: str
) -> None:
    for number in range(ROWS + 1):
        build_team(challenge, name=f"Team {number:03d}", email=f"t{number}@teams.example")
        challenge.versions.create(number=number + 1, text="", at=NOW)
    html = page(client, f"/desk/challenges/{challenge.slug}/{path}")
    assert "1\N{EN DASH}50 of 51" in html
    last = page(client, f"/desk/challenges/{challenge.slug}/{path}?page=2")
    assert "51\N{EN DASH}51 of 51" in last


def test_a_team_is_found_by_name_or_address(
    client: Client, organizer: User, challenge: Challenge
) -> None:
    build_team(challenge, name="Ada", email="x@teams.example")
    build_team(challenge, name="Bob")
    there = f"/desk/challenges/{challenge.slug}/teams/"
    for find in ("ada", "X@teams"):
        html = page(client, f"{there}?find={find}")
        assert ">Ada</a>" in html and ">Bob</a>" not in html
    assert "No team is called like this" in page(client, f"{there}?find=zed")
