"""Pictures sent to a data set over REST: who may, what is answered, and what is taken in."""

import base64
import contextlib
import hashlib
import http.client
import io
import json
import socket
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from PIL import Image
from pytest_django.live_server_helper import LiveServer

from ratings.challenge.models import Dataset, Phase, StagedFile
from ratings.challenge.pictures.staged_files import LARGEST_BYTES
from tests.api.conftest import PNG, bearer, details, logged_in, put
from tests.builders import (
    PASSWORD,
    build_dataset,
    build_organizer,
    build_original,
    build_phase,
    build_rgb,
    build_submission,
    build_team,
    build_token,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return build_phase()


@pytest.fixture
def dataset(phase: Phase) -> Dataset:
    return phase.datasets.get()


@pytest.fixture
def ann() -> Client:
    return bearer(build_token(build_organizer(username="ann")))


def address(dataset: Dataset, rest: str = "") -> str:
    base = f"/api/v1/challenges/{dataset.challenge.slug}/datasets/{dataset.slug}"
    return f"{base}/staged/{quote(rest)}"


def pictures(dataset: Dataset, name: str = "") -> str:
    return address(dataset).replace("/staged/", f"/pictures/{name}")


def post(client: Client, dataset: Dataset, **body: Any) -> Any:  # noqa: ANN401
    path = address(dataset, "take/")
    return client.post(path, json.dumps(body), content_type="application/json")


def tiff() -> bytes:
    file = io.BytesIO()
    Image.fromarray(build_rgb()).save(file, "TIFF")
    return file.getvalue()


def test_only_organizers_send_list_take_and_delete(dataset: Dataset, phase: Phase) -> None:
    build_team(phase.challenge, name="xvc", password=PASSWORD)
    for client, status in ((Client(), 401), (logged_in("xvc", PASSWORD), 403)):
        answers = [
            put(client, address(dataset, "a.png")),
            client.get(address(dataset)),
            client.delete(address(dataset)),
            client.delete(address(dataset, "a.png")),
            post(client, dataset),
            client.delete(pictures(dataset, "a.png")),
        ]
        # A data set that is not there answers alike.
        dataset.slug = "none"
        answers.append(client.get(address(dataset)))
        dataset.refresh_from_db()
        assert {answer.status_code for answer in answers} == {status}
    assert not StagedFile.objects.exists() and dataset.originals.count() == 2


def test_a_session_of_the_desk_needs_its_token(dataset: Dataset) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(build_organizer())
    assert client.get(address(dataset)).status_code == 200
    assert put(client, address(dataset, "a.png")).status_code == 403
    client.get("/desk/")
    token = client.cookies["csrftoken"].value
    assert put(client, address(dataset, "a.png"), PNG, **{"X-CSRFToken": token}).status_code == 201


def test_what_becomes_of_a_file_is_answered_and_listed(dataset: Dataset, ann: Client) -> None:
    content, name = tiff(), "day 1/Größe 1.TIF"
    first = put(ann, address(dataset, name), content)
    expected = {
        "name": name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "by": "ann",
        "becomes": "Grosse-1.png",
        "width": 8,
        "height": 6,
        "plan": "renamed to Grosse-1.png; made a PNG of TIFF",
        "changes": ["renamed to Grosse-1.png", "made a PNG of TIFF"],
        "exact": True,
        "problem": "",
        "effect": "new",
    }
    assert first.status_code == 201
    assert first.json().items() >= expected.items()
    assert put(ann, address(dataset, name), content).status_code == 200
    refused = put(ann, address(dataset, "notes.txt"), b"no picture").json()
    assert refused["becomes"] == "" and refused["effect"] == ""
    assert refused["plan"] == f"refused. {refused['problem']}"
    listed = ann.get(address(dataset)).json()
    assert [one["name"] for one in listed["results"]] == [name, "notes.txt"]
    assert listed["results"][0].items() >= expected.items()
    counts = {"new": 1, "replaces": 0, "same": 0, "refused": 1, "others": 2}
    assert (listed["counts"], listed["next"]) == (counts, None)


def test_the_list_comes_in_pages(
    dataset: Dataset, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ratings.api.parts.json_views.Pages.page_size", 2)
    for name in "cab":
        put(ann, address(dataset, f"{name}.txt"), b"no picture")
    first = ann.get(address(dataset)).json()
    second = ann.get(first["next"]).json()
    names = [one["name"] for page in (first, second) for one in page["results"]]
    assert names == ["a.txt", "b.txt", "c.txt"]
    assert second["digest"] == first["digest"] and second["next"] is None


def cut_off(server: LiveServer, path: str, token: str, length: int, content: bytes) -> Any:  # noqa: ANN401
    """Send less than the length that is promised, and no more; return status and document."""
    connection = http.client.HTTPConnection(server.thread.host, server.thread.port)
    connection.putrequest("PUT", path)
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Length", str(length))
    connection.endheaders(content)
    connection.sock.shutdown(socket.SHUT_WR)
    with contextlib.closing(connection), connection.getresponse() as response:
        return response.status, json.load(response)


@pytest.mark.django_db(transaction=True)
def test_what_is_too_large_is_refused_unread_and_what_is_cut_is_not_there(
    live_server: LiveServer,
) -> None:
    dataset, token = build_phase().datasets.get(), build_token()
    path = address(dataset, "film.png")
    status, document = cut_off(live_server, path, token, 3_000_000_000, b"")
    assert (status, document["type"]) == (413, "/api/v1/docs/#too-large")
    assert document["detail"] == f"The file may have at most {LARGEST_BYTES} bytes."
    status, document = cut_off(live_server, path, token, len(PNG), PNG[: len(PNG) * 99 // 100])
    assert (status, document["type"]) == (400, "/api/v1/docs/#body-incomplete")
    assert not StagedFile.objects.exists()
    assert put(bearer(token), path).status_code == 201


def test_names_and_digests_that_can_not_be_are_refused(dataset: Dataset, ann: Client) -> None:
    response = put(ann, address(dataset, "a\x07.png"))
    assert response.status_code == 422
    assert response.json()["type"] == "/api/v1/docs/#picture-name"
    wrong = base64.b64encode(bytes(32)).decode()
    response = put(ann, address(dataset, "a.png"), PNG, **{"Content-Digest": f"sha-256=:{wrong}:"})
    assert response.status_code == 400
    # Sent without folders all the same; and what is kept has its own name.
    assert put(ann, address(dataset, "../../a.png")).status_code in (201, 404)
    assert {row.name for row in StagedFile.objects.all()} <= {"a.png"}


def test_all_sound_ones_are_taken_in(dataset: Dataset, ann: Client) -> None:
    put(ann, address(dataset, "a.png"))
    put(ann, address(dataset, "c d.png"), tiff())
    put(ann, address(dataset, "e.png"), b"no picture")
    digest = ann.get(address(dataset)).json()["digest"]
    assert post(ann, dataset, digest="old").status_code == 409
    response = post(ann, dataset, digest=digest, drop_others=True)
    assert response.json() == {
        "pictures": 2,
        "changes": [
            "1 picture new: c-d.png",
            "1 picture dropped: b.png",
            "1 picture changed: a.png",
        ],
    }
    again = post(ann, dataset, digest=digest)
    assert (again.status_code, again.json()["type"]) == (409, "/api/v1/docs/#staged")
    assert post(ann, dataset, drop="others").status_code == 400


def test_what_submissions_rest_on_is_named(phase: Phase, dataset: Dataset, ann: Client) -> None:
    build_submission(phase)
    put(ann, address(dataset, "c.png"))
    for response in (post(ann, dataset), ann.delete(pictures(dataset, "a.png"))):
        assert (response.status_code, response.json()["type"]) == (409, "/api/v1/docs/#in-use")
        assert f"[[phase]] {phase.slug}: it has 1 submission" in details(response)[0]
    assert dataset.originals.count() == 2


def test_staged_files_are_deleted_one_by_one_or_all(dataset: Dataset, ann: Client) -> None:
    for name in ("a.png", "x/b.png", "c.png"):
        put(ann, address(dataset, name))
    assert ann.delete(address(dataset, "x/b.png")).status_code == 204
    assert ann.delete(address(dataset, "x/b.png")).status_code == 404
    assert StagedFile.objects.count() == 2
    assert ann.delete(address(dataset)).status_code == 204
    assert not StagedFile.objects.exists() and dataset.originals.count() == 2


def test_pictures_of_a_data_set_are_listed_sent_and_deleted(dataset: Dataset, ann: Client) -> None:
    listed = ann.get(pictures(dataset)).json()
    assert [one["name"] for one in listed["results"]] == ["a.png", "b.png"]
    assert listed["results"][0]["url"] == pictures(dataset, "a.png")
    sent = ann.get(pictures(dataset, "a.png"))
    content = b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(content).hexdigest() == listed["results"][0]["sha256"]
    assert ann.delete(pictures(dataset, "a.png")).status_code == 204
    missing = ann.delete(pictures(dataset, "a.png"))
    assert (missing.status_code, missing.json()["type"]) == (404, "/api/v1/docs/#unknown-picture")


def test_pictures_are_hidden_until_the_data_set_is_released(dataset: Dataset) -> None:
    build_original(shown := build_dataset(dataset.challenge, opens_at="2018-01-01T00:00Z"))
    anybody = Client()
    for path in (pictures(dataset), pictures(dataset, "a.png"), pictures(dataset, "none.png")):
        assert anybody.get(path).status_code == 404
    assert len(anybody.get(pictures(shown)).json()["results"]) == 1


def test_the_png_that_is_sent_comes_back_byte_for_byte(dataset: Dataset, ann: Client) -> None:
    put(ann, address(dataset, "new.png"))
    post(ann, dataset)
    sent = ann.get(pictures(dataset, "new.png"))
    assert b"".join(sent.streaming_content) == PNG  # type: ignore[attr-defined]
