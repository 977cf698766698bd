"""Challenges and originals as anyone reads them; what is not released is not there."""

import base64
import hashlib
from datetime import timedelta

import pytest
from django.test import Client

from ratings.challenge.models import CalendarEntry
from tests.api.conftest import SetTime, bearer, details, logged_in
from tests.builders import (
    CLOSES,
    NOW,
    PASSWORD,
    build_challenge,
    build_organizer,
    build_phase,
    build_team,
    build_token,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/"
PST = timedelta(hours=-8)


@pytest.mark.parametrize(
    "path",
    [
        "challenges/none/",
        "challenges/a%00b/",
        "challenges/%ff/",
        "challenges/../../etc/passwd",
        "challenges/none/phases/none/",
        "challenges/none/phases/none/originals/",
        "challenges/none/phases/none/originals/a.png",
        "none",
        "",
    ],
)
def test_what_is_not_there_is_a_problem_document(path: str) -> None:
    for method in ("get", "post"):
        response = getattr(Client(), method)(API + path)
        assert response.status_code in (404, 405)
        assert details(response)


def test_other_methods_are_refused_with_those_allowed() -> None:
    response = Client().delete(API + "challenges/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert details(response)


@pytest.mark.parametrize("cursor", [b"x", b"p=abc", b"p=\0", b"o=-1", b"p=1&r=2&o=x", b"\xff"])
def test_a_forged_cursor_is_no_server_error(cursor: bytes) -> None:
    phase = build_phase(originals_open_at=NOW)
    build_phase()
    originals = f"challenges/{phase.challenge.slug}/phases/{phase.slug}/originals/"
    for path in ("challenges/", originals):
        for text in (base64.b64encode(cursor).decode(), cursor.decode("latin1")):
            response = Client().get(API + path, {"cursor": text})
            assert response.status_code in (200, 404)
            assert response.status_code == 200 or details(response)


def test_a_wrong_host_is_a_bad_request() -> None:
    response = Client().get(API + "challenges/", headers={"Host": "elsewhere.example"})
    assert (response.status_code, bool(details(response))) == (400, True)


def test_challenges_are_listed_with_their_phases() -> None:
    challenge = build_challenge(slug="clic", name="CLIC", summary="One line.")
    CalendarEntry.objects.create(challenge=challenge, title="Results", at=NOW, utc_offset=PST)
    build_phase(challenge, slug="open", utc_offset=PST, byte_budget=7)
    build_phase(challenge, slug="later", opens_at=CLOSES, closes_at=CLOSES + timedelta(1))
    body = Client().get(API + "challenges/").json()
    assert (body["next"], body["previous"]) == (None, None)
    (listed,) = body["results"]
    assert listed == Client().get(API + "challenges/clic/").json()
    assert listed["calendar"] == [{"title": "Results", "at": "2018-04-10T04:00:00-08:00"}]
    assert [(phase["slug"], phase["state"]) for phase in listed["phases"]] == [
        ("open", "open"),
        ("later", "upcoming"),
    ]
    first = listed["phases"][0]
    assert (first["closes_at"], first["deadline"], first["byte_budget"]) == (
        "2018-04-11T12:00:00Z",
        "2018-04-11T03:59:59-08:00",
        7,
    )
    assert Client().get(first["url"]).json() == first


def test_originals_are_not_there_before_their_release(set_time: SetTime) -> None:
    release = NOW + timedelta(hours=1)
    phase = build_phase(originals_open_at=release)
    never = build_phase()
    build_team(phase.challenge, name="xvc", password=PASSWORD)
    manifest = API + f"challenges/{phase.challenge.slug}/phases/{phase.slug}/originals/"
    nowhere = details(Client().get(API + "challenges/none/phases/none/originals/"))
    hidden = [manifest, f"{manifest}a.png", f"{manifest}none.png", f"{manifest}a%00.png"]
    for client in (Client(), logged_in("xvc", PASSWORD)):
        for path in hidden:
            response = client.get(path)
            assert (response.status_code, details(response)) == (404, nowhere)
    set_time(release - timedelta(microseconds=1))
    assert Client().get(manifest).status_code == 404
    set_time(release)
    assert Client().get(manifest).status_code == 200
    address = API + f"challenges/{never.challenge.slug}/phases/{never.slug}/originals/"
    assert Client().get(address).status_code == 404


def test_the_manifest_tells_size_digest_and_address() -> None:
    phase = build_phase(originals_open_at=NOW)
    manifest = API + f"challenges/{phase.challenge.slug}/phases/{phase.slug}/originals/"
    first, second = Client().get(manifest).json()["results"]
    assert (first["name"], second["name"]) == ("a.png", "b.png")
    response = Client().get(first["url"])
    content = response.getvalue()
    assert first["bytes"] == len(content)
    assert first["sha256"] == hashlib.sha256(content).hexdigest()
    assert (first["width"], first["height"]) == (8, 6)
    assert first["dataset"] == phase.datasets.get().slug
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_organizers_see_originals_before_the_release() -> None:
    phase = build_phase()
    manifest = API + f"challenges/{phase.challenge.slug}/phases/{phase.slug}/originals/"
    organizer = bearer(build_token())
    assert len(organizer.get(manifest).json()["results"]) == 2
    assert organizer.get(f"{manifest}a.png").getvalue()
    at_desk = Client()
    at_desk.force_login(build_organizer())  # so that links in a preview work
    assert at_desk.get(f"{manifest}a.png").getvalue()
    stranger = bearer(build_token(build_organizer(is_staff=False)))
    for client in (stranger, bearer("clic_nonsense"), bearer("")):
        response = client.get(manifest)
        assert response.status_code == 401
        assert "Bearer" in response["WWW-Authenticate"]
        assert details(response)


def test_a_challenge_says_under_what_licence_its_results_and_pictures_are() -> None:
    challenge = build_challenge(license="CC-BY-4.0", doi="10.5281/zenodo.1234")
    challenge.datasets.create(slug="P", name="Professional", license="LicenseRef-Unsplash")
    read = Client().get(f"{API}challenges/{challenge.slug}/").json()
    assert (read["license"], read["doi"]) == ("CC-BY-4.0", "10.5281/zenodo.1234")
    assert read["datasets"][0]["license"] == "LicenseRef-Unsplash"
