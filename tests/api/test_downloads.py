"""Files as answers: whole, in part, unchanged; RFC 9110 is the oracle."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from ratings.challenge.models import Original, Phase
from ratings.storage import content_store
from tests.api.conftest import bearer, details
from tests.builders import NOW, build_phase, build_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return build_phase(originals_open_at=NOW, boards_open_at=NOW)


@pytest.fixture
def original(phase: Phase) -> str:
    """Return the address of an original."""
    return f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/originals/a.png"


@pytest.fixture
def archive(phase: Phase) -> str:
    """Return the address of the data set."""
    (dataset,) = phase.datasets.all()
    return f"/api/v1/challenges/{phase.challenge.slug}/datasets/{dataset.slug}.zip"


@pytest.fixture
def board(phase: Phase) -> str:
    """Return the address of a table."""
    return f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/psnr/?format=csv"


@pytest.fixture(params=["original", "archive", "board"])
def address(request: pytest.FixtureRequest) -> str:
    """Return the address of each kind of file."""
    path: str = request.getfixturevalue(request.param)
    return path


def body(response: Any) -> bytes:  # noqa: ANN401
    return b"".join(response) if response.streaming else response.content


def part(content: bytes, first: int | None, last: int | None) -> bytes:
    """Return what RFC 9110, 14.1.2, says of one range of bytes."""
    if first is None:
        return content[-last:] if last else b""
    return content[first:] if last is None else content[first : last + 1]


def test_a_file_that_has_gone_is_not_found_and_logged(
    client: Client, original: str, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Original.objects.get(name="a.png").sha256
    content_store.path(gone).unlink()
    response = client.get(original)
    assert response.status_code == 404
    assert details(response)
    assert gone in caplog.text


def test_any_range_is_that_part(client: Client, address: str) -> None:
    content = body(client.get(address))
    numbers = st.none() | st.integers(0, len(content) + 9)

    @given(numbers, numbers)
    @settings(max_examples=60, derandomize=True)
    def check(first: int | None, last: int | None) -> None:
        asked = f"bytes={'' if first is None else first}-{'' if last is None else last}"
        response = client.get(address, headers={"Range": asked})
        broken = first is None and last is None
        if broken or (first is not None and last is not None and last < first):
            assert (response.status_code, body(response)) == (200, content)
            return
        expected = part(content, first, last)
        if not expected:
            assert response.status_code == 416
            assert response["Content-Range"] == f"bytes */{len(content)}"
            assert details(response)
            return
        assert (response.status_code, body(response)) == (206, expected)
        assert int(response["Content-Length"]) == len(expected)
        place = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response["Content-Range"])
        assert place and int(place[3]) == len(content)
        assert content[int(place[1]) : int(place[2]) + 1] == expected

    check()


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=x-", "bytes", f"bytes={'9' * 5000}-", "bytes=-"]
)
def test_what_is_not_one_range_of_bytes_is_answered_whole(
    client: Client, address: str, asked: str
) -> None:
    response = client.get(address, headers={"Range": asked})
    assert response.status_code == 200
    assert len(body(response)) == int(response["Content-Length"])


def test_a_part_of_an_older_file_is_not_sent(client: Client, address: str) -> None:
    etag = client.get(address)["ETag"]
    for condition, status in ((etag, 206), ('"older"', 200), (f"W/{etag}", 200)):
        headers = {"Range": "bytes=1-2", "If-Range": condition}
        assert client.get(address, headers=headers).status_code == status


def test_what_the_client_has_is_not_sent_again(client: Client, address: str) -> None:
    whole = client.get(address)
    for condition in (whole["ETag"], f'"x", {whole["ETag"]}', "*"):
        response = client.get(address, headers={"If-None-Match": condition, "Range": "bytes=0-1"})
        assert (response.status_code, body(response)) == (304, b"")
        assert response["ETag"] == whole["ETag"]
    assert client.get(address, headers={"If-None-Match": '"x"'}).status_code == 200
    refused = client.get(address, headers={"If-Match": '"x"'})
    assert (refused.status_code, bool(details(refused))) == (412, True)


def test_head_reads_nothing(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: str, __: range) -> Iterator[bytes]:
        pytest.fail("it was read")
        yield b""

    whole = client.get(address)
    monkeypatch.setattr(content_store, "pieces", never)
    head = client.head(address)
    assert (head.status_code, body(head)) == (200, b"")
    names = ("ETag", "Content-Length", "Content-Type", "Accept-Ranges", "Content-Disposition")
    assert {name: head[name] for name in names} == {name: whole[name] for name in names}


def test_an_original_is_named_by_its_digest(client: Client, original: str) -> None:
    response = client.get(original)
    assert response["ETag"] == f'"{hashlib.sha256(body(response)).hexdigest()}"'
    assert response["Cache-Control"] == "no-cache"


def test_what_is_not_for_everybody_is_never_kept(phase: Phase, original: str, board: str) -> None:
    organizer = bearer(build_token())
    for address in (original, board, board.replace("csv", "json")):
        assert organizer.get(address)["Cache-Control"] == "private, no-store"
        assert Client().get(address)["Cache-Control"] == "no-cache"
    for path in ("submissions/", f"challenges/{phase.challenge.slug}/team/", "nowhere"):
        assert Client().get(f"/api/v1/{path}")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("text/csv;q=0.4, application/json;q=0.5", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("text/*", "text/csv"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/csv;q=0, text/html", "application/json"),
        ("text/html", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_format_is_what_accept_prefers(
    client: Client, board: str, accept: str, media_type: str
) -> None:
    response = client.get(board.partition("?")[0], headers={"Accept": accept})
    assert response["Content-Type"].partition(";")[0] == media_type
    assert "Accept" in response["Vary"]
