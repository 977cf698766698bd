"""What no client should send: every wrong field, body, name and digest gets its clear refusal."""

import base64
import errno
import hashlib
import io
from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import Phase
from ratings.imaging.pixels import encode_png
from ratings.submissions.models import Submission
from tests.api.conftest import (
    PNG,
    SUBMISSIONS,
    begin,
    details,
    put,
)
from tests.builders import (
    build_rgb,
)

pytestmark = pytest.mark.django_db
JSON = "application/json"


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
    ["", "x", "sha-256=abc", "sha-256=:abc:", "sha-256=:YQ==:", "sha-256=:" + "=" * 44 + ":"],
)
def test_digests_that_can_not_be_read_are_refused(mine: str, xvc: Client, digest: str) -> None:
    response = put(xvc, mine + "decoded/a.png", PNG, **{"Content-Digest": digest})
    assert (response.status_code, response.json()["type"]) == (
        400,
        "/api/v1/docs/#digest-invalid",
    )


def test_digests_that_are_not_known_are_left_alone(mine: str, xvc: Client) -> None:
    wrong, right = "sha-512=:YQ==:, unixsum=:AAE=:", hashlib.sha256(PNG).digest()
    for digest in (wrong, f"{wrong},sha-256=:{base64.b64encode(right).decode()}:"):
        response = put(xvc, mine + "decoded/a.png", PNG, **{"Content-Digest": digest})
        assert response.status_code in (200, 201)


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


def test_a_full_disk_is_told_and_nothing_stays(
    mine: str, xvc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ratings.storage.store.os.fsync", full)
        response = put(xvc, mine + "decoded/a.png")
    assert response.status_code == 507
    assert "no room left" in details(response)[0]
    assert xvc.get(mine).json()["progress"]["decoded"]["received"] == 0
    assert put(xvc, mine + "decoded/a.png").status_code == 201


def test_submitting_takes_no_fields(mine: str, xvc: Client) -> None:
    response = xvc.post(mine + "submit/", {"force": True}, JSON)
    assert (response.status_code, bool(details(response))) == (400, True)
    assert xvc.post(mine + "submit/", {}, JSON).status_code == 422


def test_only_listed_methods_are_allowed(mine: str, xvc: Client) -> None:
    for method, path in [
        ("get", ""),
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
