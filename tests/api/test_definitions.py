"""Definitions over REST: who may, what is saved, what stands against it, and who came first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.challenge.models import Challenge, DefinitionVersion
from ratings.comparisons.study.definition_history import whole_toml
from ratings.comparisons.study.whole_definition import load_whole
from tests.api.conftest import bearer, details, logged_in
from tests.builders import (
    PASSWORD,
    build_organizer,
    build_submission,
    build_team,
    build_token,
)
from tests.challenge.definitions import STUDY, TEXT, write_originals

pytestmark = pytest.mark.django_db
PATH = "/api/v1/challenges/small/definition/"
TOML = "application/toml"
ENTIRE = TEXT + STUDY


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_originals(tmp_path)


@pytest.fixture
def ann() -> Iterator[Client]:
    yield bearer(build_token(build_organizer(username="ann")))


def put(client: Client, text: str, seen: str = "", path: str = PATH, note: str = "") -> Any:  # noqa: ANN401
    headers = {"If-Match": seen} if seen else {"If-None-Match": "*"}
    return client.put(f"{path}?note={note}", text, TOML, headers=headers)


def test_a_challenge_is_made_read_changed_and_put_back(ann: Client) -> None:
    made = put(ann, ENTIRE, note="Begun.")
    assert made.status_code == 201, made.content
    assert made.json() == {"version": 1, "changes": made.json()["changes"], "etag": made["ETag"]}
    read = ann.get(PATH)
    assert read["Content-Type"] == f"{TOML}; charset=utf-8"
    assert read["ETag"] == made["ETag"]
    assert read.content.decode() == whole_toml(Challenge.objects.get())
    assert ProcrastinateJob.objects.filter(task_name__endswith="prepare_study").count() == 1

    changed = read.content.decode().replace("A small challenge", "A large challenge")
    saved = put(ann, changed, read["ETag"], note="A typo.")
    assert (saved.status_code, saved.json()["version"]) == (200, 2)
    assert saved.json()["changes"] == ["name: A small challenge -> A large challenge"]
    assert put(ann, changed, saved["ETag"]).json()["version"] is None  # the same again

    listed = ann.get(f"{PATH}versions/").json()["results"]
    assert [(one["number"], one["by"], one["note"]) for one in listed] == [
        (2, "ann", "A typo."),
        (1, "ann", "Begun."),
    ]
    first = ann.get(f"{PATH}versions/1/").content.decode()
    assert first == read.content.decode()
    assert put(ann, first, saved["ETag"]).status_code == 200
    assert Challenge.objects.get().name == "A small challenge"


def test_a_definition_without_the_slug_of_its_address_is_told_so(ann: Client) -> None:
    put(ann, ENTIRE)
    seen = ann.get(PATH)["ETag"]
    for text in ("", ENTIRE.replace('slug = "small"', 'slug = "other"', 1)):
        refused = put(ann, text, seen)
        assert refused.status_code == 422
        assert details(refused)[0] == "The challenge: slug: it stays 'small'; put it back."
    elsewhere = put(ann, ENTIRE, path=PATH.replace("small", "other"))
    assert details(elsewhere)[0] == "The challenge: slug: it stays 'other'; put it back."


def test_a_definition_may_be_sent_as_any_file_is(ann: Client) -> None:
    response = ann.post(f"{PATH}check/", ENTIRE, "application/octet-stream")
    assert (response.status_code, response.json()["problems"]) == (200, [])
    assert ann.post(f"{PATH}check/", ENTIRE, "text/html").status_code == 415


def test_what_was_saved_meanwhile_is_not_overwritten(ann: Client) -> None:
    put(ann, ENTIRE)
    read = ann.get(PATH)
    bob = bearer(build_token(build_organizer(username="bob")))
    text = read.content.decode()
    assert put(bob, text.replace("One line.", "Two lines."), read["ETag"]).status_code == 200
    late = put(ann, text.replace("A small challenge", "Mine"), read["ETag"])
    assert late.status_code == 412
    assert "last by bob" in details(late)[0]
    assert Challenge.objects.get().name == "A small challenge"
    assert put(ann, ENTIRE).status_code == 412  # not new either
    assert ann.put(PATH, ENTIRE, TOML).status_code == 428


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_saved(ann: Client) -> None:
    wrong = ENTIRE.replace('name = "A small challenge"', "") + "trials_per_rater = 0\n"
    wrong = wrong.replace("2018-04-22T23:59:59-08:00", "2018-04-01T23:59:59-08:00")
    for response in (put(ann, wrong), put(ann, "slug = ")):
        assert response.status_code == 422
    lines = details(put(ann, wrong))
    assert len(lines) == 3
    starts = ("The challenge: name", "[[phase]] test: closes", "[[study]]")
    for line, start in zip(lines, starts, strict=True):
        assert line.startswith(start)
    assert not Challenge.objects.exists() and not DefinitionVersion.objects.exists()
    checked = ann.post(f"{PATH}check/", wrong, TOML)
    assert (checked.status_code, checked.json()) == (200, {"problems": lines, "changes": []})


def test_a_check_says_what_would_change_and_changes_nothing(ann: Client, root: Path) -> None:
    load_whole(ENTIRE, root)
    text = ann.get(PATH).content.decode()
    later = text.replace("2018-04-22T23:59:59", "2018-04-29T23:59:59")
    checked = ann.post(f"{PATH}check/", later, TOML).json()
    assert checked["problems"] == []
    assert checked["changes"] == [
        "[[phase]] test: closes: 2018-04-22T23:59:59-08:00 -> 2018-04-29T23:59:59-08:00"
    ]
    assert whole_toml(Challenge.objects.get()) == text
    assert ann.post(f"{PATH}check/", text, TOML).json() == {"problems": [], "changes": []}


def test_pictures_stay_as_they_are_whatever_folder_the_text_names(ann: Client, root: Path) -> None:
    challenge = load_whole(ENTIRE, root).challenge
    before = {d.slug: d.originals.count() for d in challenge.datasets.all()}
    text = ann.get(PATH).content.decode()
    elsewhere = text.replace('originals = "P"', 'originals = "../../etc"')
    response = put(ann, elsewhere.replace("One line.", "Another."), ann.get(PATH)["ETag"])
    assert response.json()["changes"] == ["summary: One line. -> Another."]
    assert {d.slug: d.originals.count() for d in challenge.datasets.all()} == before


def test_what_people_did_stands_in_the_way(ann: Client, root: Path) -> None:
    challenge = load_whole(ENTIRE, root).challenge
    build_submission(challenge.phases.get(), build_team(challenge))
    text = ann.get(PATH).content.decode()
    response = put(ann, text.replace('slug = "test"', 'slug = "tests"'), ann.get(PATH)["ETag"])
    assert response.status_code in (409, 422)
    assert any("1 submission" in line for line in details(response))


def test_the_slug_is_that_of_the_address(ann: Client) -> None:
    response = put(ann, ENTIRE.replace('slug = "small"', 'slug = "other"'))
    assert details(response) == ["The challenge: slug: it stays 'small'; put it back."]


def test_only_organizers_read_or_save(root: Path) -> None:
    challenge = load_whole(ENTIRE, root).challenge
    build_team(challenge, name="xvc", password=PASSWORD)
    etag = "0" * 64
    for client, status in ((Client(), 401), (logged_in("xvc", PASSWORD), 403)):
        for response in (
            client.get(PATH),
            put(client, ENTIRE, etag),
            client.post(f"{PATH}check/", ENTIRE, TOML),
            client.get(f"{PATH}versions/"),
            client.get(f"{PATH}versions/1/"),
        ):
            assert response.status_code == status


@pytest.mark.parametrize(
    ("body", "status"), [(b"\xff\xfe", 422), (b"x" * (1 << 20) + b"x", 413), (b"", 422)]
)
def test_what_is_no_definition_is_refused(ann: Client, body: bytes, status: int) -> None:
    response = ann.put(PATH, body, TOML, headers={"If-None-Match": "*"})
    assert response.status_code == status, response.content
    details(response)
