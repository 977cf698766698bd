"""Submitting over REST: from the first claim of a name to the queue, and all that is refused."""

import base64
import hashlib
import io
import json
import math
import uuid
import zipfile
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.challenge.models import Phase, Team
from ratings.fidelity.models import Distortion
from ratings.fidelity.scoring import score
from ratings.submissions.intake.ingest import MOST_OPEN
from ratings.submissions.models import Decoder, Submission
from ratings.submissions.retention.stored_bytes import most_open_bytes
from tests.api.conftest import (
    PNG,
    SUBMISSIONS,
    SetTime,
    basic,
    bearer,
    begin,
    details,
    logged_in,
    put,
)
from tests.builders import (
    CLOSES,
    OPENS,
    PASSWORD,
    build_bitstream,
    build_decoded_image,
    build_decoder,
    build_organizer,
    build_phase,
    build_rgb,
    build_submission,
    build_team,
    build_token,
)

pytestmark = pytest.mark.django_db


def test_the_whole_way_from_claiming_a_name_to_the_queue(phase: Phase, xvc: Client) -> None:
    response = begin(xvc, phase, email="a@example.org", team="xvc")
    assert response.status_code == 201
    body = response.json()
    mine = f"{SUBMISSIONS}{body['id']}/"
    assert response["Location"].endswith(mine)
    assert (body["state"], body["team"], body["kind"]) == ("open", "xvc", "competing")
    wanted = ["decoded/a.png", "decoded/b.png", "bitstreams/a", "bitstreams/b"]
    assert body["missing"] == wanted
    assert body["problems"][0] == "Missing image a.png. The same for 1 more: b.png."
    for path in wanted:
        content = PNG if path.startswith("decoded") else b"12345"
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        response = put(xvc, mine + path, content, **{"Content-Digest": f"sha-256=:{digest}:"})
        assert response.status_code == 201, response.content
        assert response.json()["path"] == path
        assert put(xvc, mine + path, content).status_code == 200
    assert put(xvc, mine + "decoder", b"#!/bin/sh\n").status_code == 201
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
    assert put(xvc, mine + "decoder", b"#!/bin/bash").status_code == 409


def test_what_is_begun_is_to_be_closed_before_much_more_is(phase: Phase, xvc: Client) -> None:
    begun = [begin(xvc, phase, team="xvc").json()["id"] for _ in range(MOST_OPEN)]
    refused = begin(xvc, phase)
    assert refused.status_code == 409
    (line,) = details(refused)
    assert "go on with one" in line and any(one in line for one in begun)
    Submission.objects.filter(pk=begun[0]).update(state=Submission.State.SCORED)
    assert begin(xvc, phase).status_code == 201


def test_submitting_lists_every_problem_and_can_be_mended(mine: str, xvc: Client) -> None:
    put(xvc, mine + "bitstreams/a.jp2", bytes(5))
    put(xvc, mine + "bitstreams/b.jp2", bytes(6))
    response = xvc.post(mine + "submit/")
    assert response.status_code == 422
    assert response.json()["type"] == "/api/v1/docs/#incomplete"
    assert details(response) == [
        "Missing image a.png. The same for 1 more: b.png.",
        "The bitstreams have 11 bytes in all, 1 more than the byte budget of 10 bytes.",
    ]
    assert xvc.get(mine).json()["problems"] == details(response)
    put(xvc, mine + "bitstreams/a.jp2", bytes(4))
    assert len(details(xvc.post(mine + "submit/"))) == 1


def scored(phase: Phase, **differences: int) -> Submission:
    """Save a scored submission of a team called xvc; each sample of `a` is off by so much."""
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    submission = build_submission(phase, team, state="scored")
    for original in phase.originals():
        image = build_decoded_image(submission, original)
        build_bitstream(submission, original, b"123")
        error = 8 * 6 * 3 * differences.get(original.stem, 0) ** 2
        Distortion.objects.create(decoded_image=image, squared_error=error, samples=8 * 6 * 3)
    return submission


def test_scores_are_seen_once_the_boards_are_open(set_time: SetTime) -> None:
    phase = build_phase(boards_open_at=CLOSES)
    submission = scored(phase, a=10)
    address = f"{SUBMISSIONS}{submission.pk}/"
    assert logged_in("xvc", PASSWORD).get(address).json()["scores"] is None
    expected = {"psnr_db": 10 * math.log10(255**2 / 50), "mse": 50.0, "bpp": 48 / 96}
    assert bearer(build_token()).get(address).json()["scores"] == pytest.approx(expected)
    set_time(CLOSES)
    assert logged_in("xvc", PASSWORD).get(address).json()["scores"] == pytest.approx(expected)


def test_an_infinite_psnr_is_valid_json() -> None:
    submission = scored(build_phase())
    response = bearer(build_token()).get(f"{SUBMISSIONS}{submission.pk}/")
    assert response.json()["scores"] == {"psnr_db": "inf", "mse": 0.0, "bpp": 0.5}


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
        begin(bearer(build_token()), phase, team="xvc"),
        begin(logged_in("newcomer", PASSWORD), phase),
        put(xvc, mine + "decoded/a.png"),
        put(xvc, mine + "decoder", b"#!/bin/sh"),
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
    assert "don't match" in details(response)[0]
    assert Submission.objects.count() == 1
    response = begin(logged_in("new", "short"), phase)
    assert (response.status_code, response.json()["type"]) == (
        422,
        "/api/v1/docs/#password-length",
    )


def test_a_name_that_basic_cuts_is_told_from_what_the_body_says(phase: Phase) -> None:
    """`curl -u "Vision: Lab A:..."`: what stands before the first colon is the name."""
    cut = logged_in("Vision", f" Lab A:{PASSWORD}")
    response = begin(cut, phase)
    assert (response.status_code, response.json()["type"]) == (422, "/api/v1/docs/#team-name")
    assert "ends the team's name at its first colon" in details(response)[0]
    response = begin(cut, phase, team="Vision: Lab A")
    assert (response.status_code, response.json()["type"]) == (422, "/api/v1/docs/#team-name")
    response = begin(logged_in("Vision", f"Lab:{PASSWORD}"), phase, team="Vision Lab")
    assert details(response) == [
        "team: You log in as 'Vision'; it must be the same, or be left out."
    ]
    assert not Team.objects.exists()
    assert begin(cut, phase, team="Vision").status_code == 201


@pytest.mark.parametrize("method", ["NA", "null", "n/a", "None", "NaN", "\u3164x"])
def test_methods_are_not_called_what_no_table_carries(
    phase: Phase, xvc: Client, method: str
) -> None:
    response = begin(xvc, phase, method=method)
    assert (response.status_code, response.json()["type"]) == (422, "/api/v1/docs/#method-name")
    assert not Team.objects.exists()  # nothing half done
    response = begin(bearer(build_token()), phase, method=method, team="x", late_note="Mail")
    assert (response.status_code, response.json()["type"]) == (422, "/api/v1/docs/#method-name")
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    build_submission(phase, team, method=method, state=Submission.State.FAILED)
    assert begin(xvc, phase, method=method).status_code == 201  # of before: it goes on


def test_a_method_in_two_unicode_forms_is_one(phase: Phase, xvc: Client) -> None:
    first = begin(xvc, phase, method="Mode\u0300le").json()
    again = begin(xvc, phase, method="Mod\u00e8le", resume=True)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert first["method"] == again.json()["method"] == "Mod\u00e8le"


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


def test_a_page_of_the_desk_submits_as_an_organizer_and_no_other_page_does(phase: Phase) -> None:
    browser = Client()
    browser.force_login(build_organizer())
    assert begin(browser, phase, team="Ours").status_code == 401
    browser.defaults["HTTP_X_DESK"] = "1"
    response = begin(browser, phase, team="Ours", method="Ours")
    assert response.status_code == 201
    address = f"{SUBMISSIONS}{response.json()['id']}/"
    assert put(browser, f"{address}decoded/a.png").status_code == 201
    assert browser.get(f"{address}files/").json()["results"][0]["path"] == "decoded/a.png"
    strict = Client(enforce_csrf_checks=True, headers={"X-Desk": "1"})
    strict.force_login(build_organizer())
    assert begin(strict, phase, team="Ours").status_code == 403
    stranger = Client(headers={"X-Desk": "1"})
    stranger.force_login(build_organizer(is_staff=False))
    assert begin(stranger, phase, team="Ours").status_code == 401


def test_organizers_state_the_bytes_of_what_has_no_bitstreams(phase: Phase) -> None:
    phase.byte_budget = 100
    phase.save()
    organizer = bearer(build_token())
    assert begin(logged_in("xvc", PASSWORD), phase, stated_bytes=5).status_code == 400
    assert begin(organizer, phase, team="Ours", stated_bytes=0).status_code == 400
    response = begin(organizer, phase, team="Ours", method="Ours", stated_bytes=101)
    address = f"{SUBMISSIONS}{response.json()['id']}/"
    assert response.json()["missing"] == ["decoded/a.png", "decoded/b.png"]
    for name in ("a", "b"):
        put(organizer, f"{address}decoded/{name}.png")
    refused = organizer.post(f"{address}submit/")
    assert refused.status_code == 422
    assert details(refused) == [
        "The bitstreams have 101 bytes in all, 1 more than the byte budget of 100 bytes."
    ]
    again = begin(organizer, phase, team="Ours", method="Ours", stated_bytes=99, resume=True)
    assert (again.status_code, again.json()["stated_bytes"]) == (200, 99)
    unknown = begin(organizer, phase, team="Ours", method="Ours", stated_bytes=None, resume=True)
    assert unknown.json()["stated_bytes"] is None and "bitstreams/a" in unknown.json()["missing"]
    # Of what is sent the bytes are known: then all of it is asked for.
    put(organizer, f"{address}bitstreams/a", b"123")
    assert "Missing bitstream for b.png" in organizer.get(address).json()["problems"]
    put(organizer, f"{address}bitstreams/b", b"4")
    assert organizer.get(address).json()["budget"]["used_bytes"] == 4
    assert organizer.post(f"{address}submit/").json()["state"] == "queued"


def test_an_unforeseen_error_is_a_problem_document_without_its_cause(
    mine: str, xvc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr("ratings.submissions.intake.closing.progress_of_submissions", fail)
    xvc.raise_request_exception = False
    response = xvc.get(mine)
    assert response.status_code == 500
    assert details(response)
    assert "secret" not in json.dumps(response.json())


def test_a_lost_database_is_answered_with_503(
    mine: str, xvc: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(_: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("ratings.submissions.intake.closing.progress_of_submissions", lose)
    response = xvc.get(mine)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0


def test_the_queries_of_a_list_do_not_grow_with_its_rows(set_time: SetTime) -> None:
    earlier = build_phase()
    rules: dict[str, Any] = {"decoder_rule": Phase.DecoderRule.REGISTERED, "decoders_from": earlier}
    phase = build_phase(earlier.challenge, byte_budget=10, own_scores=True, **rules)
    team = build_team(phase.challenge, name="xvc", password=PASSWORD)
    states = Submission.State

    def add(number: int) -> None:
        for state in (states.OPEN, states.FAILED, states.SCORED, states.SUPERSEDED):
            submission = build_submission(phase, team, state=state, method=f"{state} {number}")
            for original in phase.originals():
                build_bitstream(submission, original)
                if state == states.SCORED:
                    score(build_decoded_image(submission, original), build_rgb())
            build_decoder(submission, b"#!/bin/sh\n" + bytes([65 + number]))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            path = f"{SUBMISSIONS}?challenge={phase.challenge.slug}&phase={phase.slug}"
            rows = logged_in("xvc", PASSWORD).get(path).json()["results"]
        assert {row["queue_position"] for row in rows if row["state"] != "queued"} == {None}
        return len(captured)

    add(0)
    queued = build_submission(phase, team, state=states.QUEUED, submitted_at=OPENS)
    one = queries()
    for number in range(1, 4):
        add(number)
    assert queries() == one <= 14
    assert queued.submitted_at == OPENS


def test_an_open_submission_says_what_is_held_and_can_be_deleted(
    phase: Phase, xvc: Client, mine: str
) -> None:
    other = f"{SUBMISSIONS}{begin(xvc, phase, method='n').json()['id']}/"
    put(xvc, f"{mine}bitstreams/a", b"1234")
    put(xvc, f"{other}bitstreams/a", b"123")
    limit = most_open_bytes(phase)
    for address in (mine, other):
        held = xvc.get(address).json()["held_open"]
        assert held == {"used_bytes": 7, "limit_bytes": limit}
    assert logged_in("rival", PASSWORD).delete(mine).status_code == 401
    response = xvc.delete(mine)
    assert (response.status_code, response.content) == (204, b"")
    assert xvc.get(mine).status_code == xvc.delete(mine).status_code == 404
    assert xvc.get(other).json()["held_open"]["used_bytes"] == 3


def test_a_closed_submission_is_not_deleted(phase: Phase, xvc: Client, mine: str) -> None:
    Submission.objects.update(state=Submission.State.QUEUED)
    response = xvc.delete(mine)
    assert response.status_code == 409
    assert details(response) == ["This submission is queued; only an open one is deleted."]
    assert Submission.objects.exists()


def test_too_much_held_open_and_too_much_at_once_are_told_apart(
    phase: Phase, xvc: Client, mine: str
) -> None:
    response = put(xvc, f"{mine}bitstreams/a", bytes(11))
    assert response.status_code == 413
    assert details(response) == [
        "The file may have at most 10 bytes, the byte budget of all bitstreams together."
    ]
    build_decoder(Submission.objects.get())
    Decoder.objects.update(size_bytes=most_open_bytes(phase))
    response = put(xvc, f"{mine}bitstreams/a", b"1")
    assert response.status_code == 409
    assert response.json()["type"].endswith("#open-bytes")
    assert "1 more than the" in details(response)[0]


def test_a_freed_submission_says_when_and_misses_nothing(
    phase: Phase, xvc: Client, mine: str
) -> None:
    assert xvc.get(mine).json()["freed_at"] is None
    Submission.objects.update(state=Submission.State.FAILED, freed_at=CLOSES)
    body = xvc.get(mine).json()
    assert (body["freed_at"], body["missing"]) == ("2018-04-11T12:00:00Z", [])
