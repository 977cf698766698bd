"""Submitting over REST: from the first claim of a name to the queue, and all that is refused."""

import base64
import hashlib
import io
import json
import uuid
import zipfile
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.challenge.models import Phase, Team
from ratings.imaging.pixels import encode_png
from ratings.submissions.models import Submission
from tests.api.conftest import SetTime, basic, bearer, details, logged_in
from tests.builders import (
    CLOSES,
    OPENS,
    PASSWORD,
    build_organizer,
    build_phase,
    build_rgb,
    build_submission,
    build_team,
    build_token,
)

pytestmark = pytest.mark.django_db
SUBMISSIONS = "/api/v1/submissions/"
JSON = "application/json"
PNG = encode_png(build_rgb())


def begin(client: Client, to: Phase, **fields: object) -> Any:  # noqa: ANN401
    body = {"challenge": to.challenge.slug, "phase": to.slug, "method": "m"} | fields
    return client.post(SUBMISSIONS, body, JSON)


def put(client: Client, path: str, content: bytes = PNG, **headers: str) -> Any:  # noqa: ANN401
    return client.put(path, content, "application/octet-stream", headers=headers)


@pytest.fixture
def phase() -> Phase:
    return build_phase(byte_budget=10)


@pytest.fixture
def xvc() -> Client:
    return logged_in("xvc", PASSWORD)


@pytest.fixture
def mine(phase: Phase, xvc: Client) -> str:
    """Begin a submission as xvc and return its address."""
    return f"{SUBMISSIONS}{begin(xvc, phase).json()['id']}/"


def test_the_whole_way_from_claiming_a_name_to_the_queue(phase: Phase, xvc: Client) -> None:
    response = begin(xvc, phase, email="a@example.org", team="xvc")
    assert response.status_code == 201
    body = response.json()
    mine = f"{SUBMISSIONS}{body['id']}/"
    assert response["Location"].endswith(mine)
    assert (body["state"], body["team"], body["kind"]) == ("open", "xvc", "competing")
    wanted = ["decoded/a.png", "decoded/b.png", "bitstreams/a", "bitstreams/b"]
    assert body["missing"] == wanted
    assert body["problems"][0] == "Missing image a.png"
    for path in wanted:
        content = PNG if path.startswith("decoded") else b"12345"
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        response = put(xvc, mine + path, content, **{"Content-Digest": f"sha-256=:{digest}:"})
        assert response.status_code == 201, response.content
        assert response.json()["path"] == path
        assert put(xvc, mine + path, content).status_code == 200
    assert put(xvc, mine + "decoder", b"#!").status_code == 201
    assert ProcrastinateJob.objects.count() == 0
    for _ in range(2):
        response = xvc.post(mine + "submit/")
        assert (response.status_code, response.json()["state"]) == (200, "queued")
    assert ProcrastinateJob.objects.count() == 2
    body = xvc.get(mine).json()
    assert body["progress"] == {
        "decoded": {"received": 2, "expected": 2},
        "bitstreams": {"received": 2, "expected": 2},
        "scored": {"received": 0, "expected": 2},
    }
    assert body["budget"] == {"used_bytes": 10, "limit_bytes": 10}
    assert (body["missing"], body["problems"]) == ([], [])
    assert Team.objects.get().email == "a@example.org"
    assert put(xvc, mine + "decoder", b"other").status_code == 409


def test_submitting_lists_every_problem_and_can_be_mended(mine: str, xvc: Client) -> None:
    put(xvc, mine + "bitstreams/a.jp2", bytes(11))
    response = xvc.post(mine + "submit/")
    assert response.status_code == 422
    assert response.json()["type"] == "/api/v1/docs/#incomplete"
    assert details(response) == [
        "Missing image a.png",
        "Missing image b.png",
        "Missing bitstream for b.png",
        "The bitstreams have 11 bytes in all, 1 more than the byte budget of 10 bytes.",
    ]
    assert xvc.get(mine).json()["problems"] == details(response)
    put(xvc, mine + "bitstreams/a.jp2", bytes(10))
    assert len(details(xvc.post(mine + "submit/"))) == 3


def test_one_zip_takes_all(mine: str, xvc: Client) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("a", "b"):
            archive.writestr(f"decoded/{name}.png", PNG)
            archive.writestr(f"bitstreams/{name}", b"1")
    response = put(xvc, mine + "archive", file.getvalue())
    assert (response.status_code, response.json()["missing"]) == (200, [])
    assert len(response.json()["files"]) == 4
    assert xvc.post(mine + "submit/").status_code == 200
    response = put(xvc, mine + "archive", b"no zip")
    assert (response.status_code, len(details(response))) == (422, 1)


@pytest.mark.parametrize("at", [OPENS - (CLOSES - OPENS), CLOSES])
def test_outside_of_the_phase_everything_is_refused(
    phase: Phase,
    mine: str,
    xvc: Client,
    set_time: SetTime,
    at: Any,  # noqa: ANN401
) -> None:
    set_time(at)
    for response in (
        begin(xvc, phase),
        begin(bearer(build_token()), phase, team="JPEG", kind="baseline"),
        begin(logged_in("newcomer", PASSWORD), phase),
        put(xvc, mine + "decoded/a.png"),
        put(xvc, mine + "decoder"),
        xvc.post(mine + "submit/"),
    ):
        assert response.status_code == 403
        assert "phase" in details(response)[0]
    assert not Team.objects.filter(name="newcomer").exists()
    assert xvc.get(mine).status_code == 200


def test_without_login_nothing_is_shown(phase: Phase, mine: str) -> None:
    for response in (
        begin(Client(), phase),
        Client().get(mine),
        Client().get(f"{SUBMISSIONS}{uuid.uuid4()}/"),
        put(Client(), mine + "decoder"),
        put(Client(), mine + "archive"),
        Client().post(mine + "submit/"),
    ):
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Basic")
        assert details(response)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        basic("xvc", "wrong password"),
        basic("nobody", PASSWORD),
        basic("x\0", PASSWORD),
        basic("", ""),
        "Bearer",
        "Bearer clic_x",
        "Bearer \xff",
        "Digest x",
    ],
)
def test_wrong_credentials_are_refused(mine: str, header: str) -> None:
    client = Client(headers={"Authorization": header})
    for response in (client.get(mine), put(client, mine + "decoder")):
        assert response.status_code == 401
        assert details(response)


def test_a_name_that_is_taken_needs_its_password(phase: Phase, mine: str) -> None:
    response = begin(logged_in("XVC", "another password"), phase)
    assert response.status_code == 401
    assert "not the one" in details(response)[0]
    assert Submission.objects.count() == 1
    response = begin(logged_in("new", "short"), phase)
    assert (response.status_code, response.json()["type"]) == (
        422,
        "/api/v1/docs/#password-length",
    )


def test_other_teams_submissions_are_not_there(phase: Phase) -> None:
    build_team(phase.challenge, name="other", password=PASSWORD)
    theirs = f"{SUBMISSIONS}{build_submission(phase).pk}/"
    other = logged_in("other", PASSWORD)
    nowhere = other.get(f"{SUBMISSIONS}{uuid.uuid4()}/")
    for response in (
        other.get(theirs),
        put(other, theirs + "decoder"),
        put(other, theirs + "decoded/a.png"),
        put(other, theirs + "archive"),
        other.post(theirs + "submit/"),
    ):
        assert response.status_code == nowhere.status_code == 404
        assert details(response) == details(nowhere)


def test_organizers_submit_for_any_team(phase: Phase) -> None:
    organizer = bearer(build_token())
    response = begin(organizer, phase, team="JPEG", kind="baseline")
    assert (response.status_code, response.json()["kind"]) == (201, "baseline")
    assert begin(organizer, phase, team="jpeg", kind="baseline").json()["team"] == "JPEG"
    assert begin(organizer, phase, team="jpeg").status_code == 409
    assert details(begin(organizer, phase)) == ["team: Say whose submission this is."]
    assert organizer.get(f"{SUBMISSIONS}{response.json()['id']}/").status_code == 200
    stranger = bearer(build_token(build_organizer(is_staff=False)))
    assert begin(stranger, phase, team="x").status_code == 401


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"kind": "baseline"}, ["#/kind"]),
        ({"team": "someone else"}, ["#/team"]),
        ({"phase": "none"}, ["#/phase"]),
        ({"challenge": "none"}, ["#/phase"]),
        ({"challenge": None, "phase": 1, "method": ["m"]}, ["#/challenge", "#/phase", "#/method"]),
        ({"method": ""}, ["#/method"]),
        ({"method": "a\0b"}, ["#/method"]),
        ({"method": "a\nb"}, ["#/method"]),
        ({"method": "\ud800"}, ["#/method"]),
        ({"method": "x" * 101}, ["#/method"]),
        ({"method": 5}, ["#/method"]),
        ({"method": {"a": 1}}, ["#/method"]),
        ({"email": "nobody"}, ["#/email"]),
        ({"email": "a@b.example\0"}, ["#/email"]),
        ({"email": f"{'x' * 60}@{'y' * 60}.example"}, ["#/email"]),
        ({"state": "scored", "method": 5}, ["#/method", "#/state"]),
        ({"a/b~": 1}, ["#/a~1b~0"]),
    ],
)
def test_wrong_fields_are_named(
    phase: Phase, xvc: Client, fields: dict[str, object], pointers: list[str]
) -> None:
    response = begin(xvc, phase, **fields)
    assert response.status_code == 400
    assert details(response)
    named = [error.get("pointer") for error in response.json()["errors"]]
    assert list(dict.fromkeys(named)) == pointers
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b"[]", JSON, 400),
        (b"null", JSON, 400),
        (b'"\xff"', JSON, 400),
        (b'{"method": NaN}', JSON, 400),
        (b"[" * 60_000, JSON, 400),
        (b'{"method": 1' + b"0" * 5000 + b"}", JSON, 400),
        (b'{"method": 1e999}', JSON, 400),
        (b'{"method": "' + b"x" * (10 << 20) + b'"}', JSON, 413),
        (b"{}", "application/json; charset=zlib", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"{}", "\0", 415),
        (b"{}", "application", 415),
    ],
)
def test_bodies_that_are_no_json_object_are_refused(
    xvc: Client, body: bytes, content_type: str, status: int
) -> None:
    response = xvc.generic("POST", SUBMISSIONS, body, content_type)
    assert response.status_code == status, response.content
    assert details(response)


@pytest.mark.parametrize(
    "path",
    [
        "decoded/c.png",
        "decoded/a.PNG",
        "decoded/a.png%00",
        "decoded/..%2fa.png",
        "decoded/a.png/",
        "decoded/",
        "bitstreams/c.jp2",
        "bitstreams/%2e%2e",
        "bitstreams/a.jp2%0d%0a",
        "bitstreams/%ff",
        "bitstreams/" + "a" * 3000,
        "decoder/",
        "decoder/x",
        "elsewhere",
    ],
)
def test_files_that_belong_nowhere_are_not_found(mine: str, xvc: Client, path: str) -> None:
    response = put(xvc, mine + path)
    assert response.status_code == 404
    assert details(response)


def test_ids_that_are_none_are_not_found(xvc: Client) -> None:
    for name in ("1", "x", "%00", "00000000-0000-0000-0000-000000000000"):
        assert xvc.get(f"{SUBMISSIONS}{name}/").status_code == 404


@pytest.mark.parametrize(
    "digest",
    ["", "x", "sha-256=abc", "sha-256=:abc:", "sha-512=:YQ==:", "sha-256=:" + "=" * 44 + ":"],
)
def test_digests_that_can_not_be_read_are_refused(mine: str, xvc: Client, digest: str) -> None:
    response = put(xvc, mine + "decoded/a.png", PNG, **{"Content-Digest": digest})
    assert (response.status_code, response.json()["type"]) == (
        400,
        "/api/v1/docs/#digest-invalid",
    )


def test_content_that_is_not_what_was_announced_is_refused(mine: str, xvc: Client) -> None:
    other = base64.b64encode(bytes(32)).decode()
    response = put(xvc, mine + "decoded/a.png", PNG, **{"Content-Digest": f"sha-256=:{other}:"})
    assert (response.status_code, "send it again" in details(response)[0]) == (400, True)
    lengths = {str(len(PNG) + 1): 400, str(len(PNG) - 1): 422, "-1": 411, "x": 411, "": 411}
    for length, status in lengths.items():
        environ: dict[str, Any] = {"wsgi.input": io.BytesIO(PNG), "CONTENT_LENGTH": length}
        odd = xvc.put(mine + "decoded/a.png", b"", "image/png", **environ)
        assert (odd.status_code, bool(details(odd))) == (status, True), length
    form = xvc.put(mine + "decoded/a.png", b"--x--", "multipart/form-data; boundary=x")
    assert (form.status_code, bool(details(form))) == (415, True)
    assert xvc.get(mine).json()["progress"]["decoded"]["received"] == 0


def test_a_wrong_picture_is_refused_with_its_reason(mine: str, xvc: Client) -> None:
    response = put(xvc, mine + "decoded/a.png", encode_png(build_rgb(width=9)))
    assert response.status_code == 422
    assert response.json()["type"] == "/api/v1/docs/#picture"
    assert "9 x 6 pixels, not 8 x 6" in details(response)[0]
    too_large = put(xvc, mine + "decoded/a.png", bytes(2 << 20))
    assert (too_large.status_code, bool(details(too_large))) == (413, True)


def test_submitting_takes_no_fields(mine: str, xvc: Client) -> None:
    response = xvc.post(mine + "submit/", {"force": True}, JSON)
    assert (response.status_code, bool(details(response))) == (400, True)
    assert xvc.post(mine + "submit/", {}, JSON).status_code == 422


def test_only_listed_methods_are_allowed(mine: str, xvc: Client) -> None:
    for method, path in [
        ("get", ""),
        ("delete", ""),
        ("put", ""),
        ("get", "decoder"),
        ("delete", "decoded/a.png"),
        ("get", "archive"),
        ("get", "submit/"),
    ]:
        response = getattr(xvc, method)(mine + path)
        if (method, path) != ("get", ""):
            assert response.status_code == 405, path
            assert details(response)


def test_an_unforeseen_error_is_a_problem_document_without_its_cause(
    mine: str, xvc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr("ratings.submissions.closing.progress", fail)
    xvc.raise_request_exception = False
    response = xvc.get(mine)
    assert response.status_code == 500
    assert details(response)
    assert "secret" not in json.dumps(response.json())
