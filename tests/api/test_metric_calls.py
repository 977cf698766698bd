"""Metrics over REST: who may send what, and who sees the board of metrics when."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.comparisons.models import Study
from ratings.metrics.metric_board import METRIC_COLUMNS
from ratings.metrics.metric_scoring import score_track
from ratings.metrics.models import MetricEntry, MetricTrack
from tests.api.conftest import SetTime, bearer, details, logged_in
from tests.builders import PASSWORD, build_organizer, build_team, build_token
from tests.metrics.builders import build_track, decisions_csv, values_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def track(set_time: SetTime) -> MetricTrack:
    track = build_track(attempts=2)
    set_time(timezone.now())
    for name in ("xvc", "rival"):
        build_team(track.phase.challenge, name=name, password=PASSWORD)
    return track


@pytest.fixture
def address(track: MetricTrack) -> str:
    return f"/api/v1/challenges/{track.phase.challenge.slug}/phases/{track.phase.slug}/"


@pytest.fixture
def board(track: MetricTrack) -> str:
    return f"/api/v1/boards/{track.phase.challenge.slug}/{track.phase.slug}/metrics/"


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token(build_organizer(username="ann")))


@pytest.fixture
def data(track: MetricTrack) -> bytes:
    return values_csv(track.study, lambda label, name: len(name) + ord(label[-1]))


def send(client: Client, address: str, data: bytes, query: str = "") -> Any:  # noqa: ANN401
    return client.put(f"{address}metrics/Mine.csv{query}", data, "text/csv")


def test_a_team_sends_values_and_has_an_attempt_less(
    xvc: Client, address: str, data: bytes
) -> None:
    answer = send(xvc, address, data, "?better=lower")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["entry"]["name"], body["entry"]["form"]) == ("Mine", "values")
    assert (body["entry"]["higher_is_better"], body["attempts_left"]) == (False, 1)
    assert MetricEntry.objects.get().sent_by == "the team"
    assert send(xvc, address, data).status_code == 201
    third = send(xvc, address, data)
    assert third.status_code == 409 and "as often as it may" in details(third)[0]
    assert "when" not in third.json()["title"]
    assert send(xvc, address, data, "?better=best").status_code == 400


def test_a_team_takes_the_pairs_and_sends_decisions(
    xvc: Client, client: Client, track: MetricTrack, address: str
) -> None:
    assert client.get(f"{address}metric-pairs/").status_code == 401
    listed = xvc.get(f"{address}metric-pairs/")
    lines = b"".join(listed).decode().split()
    assert lines[0] == "O,A,B"
    # The crops are where raters see them.
    crops = [b"".join(client.get(f"/crops/{name}")) for name in lines[1].split(",")]
    assert all(crop.startswith(b"RIFF") for crop in crops)
    data = decisions_csv(track.study, lambda a, b: 0)
    assert data.decode().split() == ["O,A,B,T", *(f"{line},0" for line in lines[1:])]
    assert send(xvc, address, data).json()["entry"]["form"] == "decisions"


def test_teams_see_their_own_metrics_alone_and_no_scores(
    xvc: Client, organizer: Client, track: MetricTrack, address: str, data: bytes
) -> None:
    send(xvc, address, data)
    score_track(track, timezone.now())
    rival = logged_in("rival", PASSWORD).get(f"{address}metrics/").json()
    assert (rival["results"], rival["attempts_left"]) == ([], 2)
    mine = xvc.get(f"{address}metrics/").json()
    assert [entry["name"] for entry in mine["results"]] == ["Mine"]
    assert "accuracy" not in json.dumps(mine)
    everything = organizer.get(f"{address}metrics/").json()
    assert [entry["team"] for entry in everything["results"]] == ["xvc"]


def test_until_it_is_released_only_organizers_see_the_board(
    client: Client, xvc: Client, organizer: Client, track: MetricTrack, board: str
) -> None:
    score_track(track, timezone.now())
    assert client.get(board).status_code == xvc.get(board).status_code == 404
    assert organizer.get(board).status_code == 200
    MetricTrack.objects.update(is_released=True)
    shown = client.get(board).json()
    assert [row["metric"] for row in shown["results"]] == ["PSNR"]
    assert shown["judgments"] > 0 and shown["ceiling"]["low"] >= 0.5
    table = b"".join(client.get(f"{board}?format=csv")).decode().splitlines()
    assert table[0].split(",") == METRIC_COLUMNS and len(table) == 2
    Phase.objects.update(boards_open_at=None)
    assert client.get(board).status_code == 404


def test_nothing_is_taken_before_the_pictures_are_released(
    xvc: Client, organizer: Client, track: MetricTrack, address: str, data: bytes
) -> None:
    Study.objects.update(is_open=True)
    for answer in (send(xvc, address, data), xvc.get(f"{address}metric-pairs/")):
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("#metrics-closed")
    assert "studies are closed" in xvc.get(f"{address}metrics/").json()["closed_because"]
    assert send(organizer, address, data).status_code == 201
    assert organizer.get(f"{address}metric-pairs/").status_code == 200


def test_organizers_set_the_track_and_delete_metrics(
    xvc: Client, organizer: Client, track: MetricTrack, address: str, data: bytes
) -> None:
    body = {"study": track.study.slug, "attempts": 9, "open": True, "released": True}
    assert xvc.put(f"{address}metrics/", body, "application/json").status_code == 403
    answer = organizer.put(f"{address}metrics/", body, "application/json")
    assert answer.status_code == 200 and answer.json()["released"] is True
    wrong = organizer.put(f"{address}metrics/", body | {"study": "none"}, "application/json")
    assert wrong.status_code == 422
    send(xvc, address, data)
    send(organizer, address, data)
    assert xvc.delete(f"{address}metrics/Mine.csv").status_code == 403
    assert organizer.delete(f"{address}metrics/Mine.csv?team=xvc").status_code == 204
    assert MetricEntry.objects.get().team is None
    assert organizer.delete(f"{address}metrics/other.csv").status_code == 404


def test_without_a_track_there_is_nothing(
    xvc: Client, organizer: Client, track: MetricTrack, address: str, board: str, data: bytes
) -> None:
    MetricTrack.objects.all().delete()
    assert organizer.get(board).status_code == 404
    assert xvc.get(f"{address}metrics/").status_code == 404
    assert send(organizer, address, data).status_code == 404
    assert send(xvc, address, data).status_code == 403


def test_every_problem_of_a_file_is_told(xvc: Client, address: str) -> None:
    answer = send(xvc, address, b"dataset,image,method,value\na,b,c,d\na,b,c,e\n")
    assert answer.status_code == 422 and answer.json()["type"].endswith("#metric")
    said = ["picture", "method", "value"] * 2 + ["Missing"]
    assert [one in told for one, told in zip(said, details(answer), strict=False)] == [True] * 7
