"""The rules of submitting over REST: quotas, decoders, late submissions, own submissions."""

from datetime import timedelta

import pytest
from django.test import Client

from ratings.api.entries.submissions import NewestFirst
from ratings.challenge.models import AuditEntry, Phase
from ratings.submissions.models import Submission
from tests.api.conftest import (
    PNG,
    SUBMISSIONS,
    SetTime,
    bearer,
    begin,
    details,
    logged_in,
    put,
)
from tests.builders import (
    CLOSES,
    NOW,
    PASSWORD,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
    build_token,
)
from tests.fidelity.builders import build_scored_submission

pytestmark = pytest.mark.django_db
SCRIPT = b"#!/bin/sh\n"


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token(build_organizer(username="ann")))


def test_the_quota_is_refused_at_once_with_the_wait(organizer: Client) -> None:
    phase = build_phase(submissions_per_day=1)
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    build_submission(phase, team, submitted_at=NOW - timedelta(hours=1), state="scored")
    response = begin(logged_in("xvc", PASSWORD), phase)
    assert response.status_code == 429
    assert response["Retry-After"] == str(23 * 3600)
    assert "2018-04-11T11:00:00+00:00" in details(response)[0]
    assert begin(organizer, phase, team="xvc").status_code == 201


def test_phases_tell_their_rules(client: Client) -> None:
    earlier = build_phase(own_scores=True)
    phase = build_phase(
        earlier.challenge,
        decoder_rule="registered",
        decoders_from=earlier,
        submissions_per_day=5,
        submissions_in_all=90,
    )
    body = client.get(f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/").json()
    assert (body["decoder_rule"], body["decoders_from"]) == ("registered", earlier.slug)
    assert (body["submissions_per_day"], body["submissions_in_all"]) == (5, 90)
    assert body["own_scores"] is False


def test_a_decoder_that_would_not_start_is_refused(mine: str, xvc: Client) -> None:
    response = put(xvc, mine + "decoder", b"import numpy")
    assert response.status_code == 422
    assert "#!/usr/bin/env python3" in details(response)[0]


def test_files_are_listed_with_their_digests(mine: str, xvc: Client) -> None:
    put(xvc, mine + "decoder", SCRIPT)
    put(xvc, mine + "bitstreams/a.jp2", b"bits")
    put(xvc, mine + "decoded/a.png", PNG)
    held = xvc.get(mine + "files/").json()["results"]
    assert [(file["path"], file["bytes"]) for file in held] == [
        ("bitstreams/a.jp2", 4),
        ("decoded/a.png", len(PNG)),
        ("decoder", len(SCRIPT)),
    ]
    assert all(len(file["sha256"]) == 64 for file in held)
    stranger = logged_in("stranger", PASSWORD)
    begin(stranger, Submission.objects.get().phase)
    assert stranger.get(mine + "files/").status_code == 404


def test_a_team_lists_its_own_submissions_of_a_phase(
    phase: Phase, mine: str, xvc: Client, organizer: Client
) -> None:
    build_submission(phase)
    asked = {"challenge": phase.challenge.slug, "phase": phase.slug}
    (only,) = xvc.get(SUBMISSIONS, asked).json()["results"]
    assert mine.endswith(f"{only['id']}/")
    assert only["queue_position"] is None
    assert Client().get(SUBMISSIONS, asked).status_code == 401
    assert logged_in("xvc", "wrong password").get(SUBMISSIONS, asked).status_code == 401
    assert organizer.get(SUBMISSIONS, asked).status_code == 400
    assert xvc.get(SUBMISSIONS, {"phase": phase.slug}).status_code == 400


@pytest.mark.parametrize("own_scores", [False, True])
def test_own_scores_are_shown_before_the_boards_where_the_phase_says_so(own_scores: bool) -> None:
    phase = build_phase(own_scores=own_scores, boards_open_at=CLOSES)
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    submission = build_scored_submission(phase, team)
    xvc = logged_in("xvc", PASSWORD)
    asked = {"challenge": phase.challenge.slug, "phase": phase.slug}
    (listed,) = xvc.get(SUBMISSIONS, asked).json()["results"]
    read = xvc.get(f"{SUBMISSIONS}{submission.pk}/").json()
    assert (read["scores"] is not None) == (listed["scores"] is not None) == own_scores
    board = f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/psnr/"
    assert xvc.get(board).status_code == 404


def test_a_list_of_submissions_comes_in_pages_the_newest_first(xvc: Client) -> None:
    phase = build_phase()
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    made = [
        build_submission(phase, team, created_at=NOW + timedelta(minutes=minute))
        for minute in range(NewestFirst.page_size + 1)
    ]
    asked = {"challenge": phase.challenge.slug, "phase": phase.slug}
    first = xvc.get(SUBMISSIONS, asked).json()
    second = xvc.get(first["next"]).json()
    assert second["next"] is None
    listed = [row["id"] for page in (first, second) for row in page["results"]]
    assert listed == [str(submission.pk) for submission in reversed(made)]


def test_an_organizer_takes_in_what_was_not_closed_in_time(
    mine: str, xvc: Client, organizer: Client, set_time: SetTime
) -> None:
    set_time(CLOSES)
    assert put(xvc, mine + "decoded/a.png").status_code == 403
    assert xvc.post(mine + "late/", {"note": "me"}, "application/json").status_code == 403
    assert organizer.post(mine + "late/", {}, "application/json").status_code == 400
    answer = organizer.post(mine + "late/", {"note": "Power cut"}, "application/json")
    assert answer.json()["late_note"] == "Power cut"
    assert put(xvc, mine + "decoded/a.png").status_code == 201
    assert AuditEntry.objects.get().by == "ann"


def test_an_organizer_begins_a_late_submission(
    phase: Phase, xvc: Client, organizer: Client, set_time: SetTime
) -> None:
    assert begin(xvc, phase, late_note="Please").status_code == 400
    assert begin(organizer, phase, team="xvc", late_note="Early").status_code == 403
    set_time(CLOSES)
    assert begin(organizer, phase, team="xvc").status_code == 403
    assert begin(organizer, phase, team="xvc", late_note="Fire").json()["late_note"] == "Fire"


def test_baselines_may_come_at_any_time(phase: Phase, organizer: Client, set_time: SetTime) -> None:
    for at in (NOW - timedelta(days=9), NOW, CLOSES):
        set_time(at)
        answer = begin(organizer, phase, team="JPEG", kind="baseline")
        assert answer.status_code == 201
        assert (
            put(organizer, f"{SUBMISSIONS}{answer.json()['id']}/decoded/a.png").status_code == 201
        )


def test_an_organizer_registers_a_decoder(organizer: Client, xvc: Client) -> None:
    earlier = build_phase()
    phase = build_phase(earlier.challenge, decoder_rule="registered", decoders_from=earlier)
    build_team(phase.challenge, name="xvc", password=PASSWORD)
    address = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/decoders/"
    body = {"team": "XVC", "sha256": "0" * 64, "note": "Their disk broke"}
    for client, status in ((xvc, 403), (Client(), 401)):
        assert client.post(address, body, "application/json").status_code == status
    assert organizer.post(address, body, "application/json").status_code == 200
    assert AuditEntry.objects.get().note == "Their disk broke"
    for wrong in ({"team": "nobody"}, {"sha256": "x"}, {"note": " "}):
        answer = organizer.post(address, body | wrong, "application/json")
        assert answer.status_code in (400, 422), wrong
