"""Factsheets over REST: who may see what."""

import hashlib
from base64 import b64encode

import pytest
from django.test import Client

from ratings.challenge.models import AuditEntry, Phase
from tests.api.conftest import SetTime, bearer, details, logged_in, put
from tests.builders import (
    CLOSES,
    NOW,
    PASSWORD,
    build_organizer,
    build_phase,
    build_team,
    build_token,
)
from tests.fidelity.builders import build_scored_submission
from tests.submissions.builders import DUE, PDF

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return build_phase(factsheet_closes_at=DUE)


@pytest.fixture
def address(phase: Phase) -> str:
    build_team(phase.challenge, name="xvc", password=PASSWORD, email="x@example.org")
    return f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/factsheet"


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token(build_organizer(username="ann")))


def test_a_team_sends_and_reads_its_factsheet(xvc: Client, address: str) -> None:
    assert xvc.get(address).status_code == 404
    digest = b64encode(hashlib.sha256(PDF).digest()).decode()
    answer = put(xvc, address, PDF, **{"Content-Digest": f"sha-256=:{digest}:"})
    assert (answer.status_code, answer.json()["bytes"]) == (200, len(PDF))
    response = xvc.get(address)
    assert b"".join(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    wrong = f"sha-256=:{b64encode(bytes(32)).decode()}:"
    assert put(xvc, address, PDF, **{"Content-Digest": wrong}).status_code == 400


def test_until_the_boards_open_only_organizers_see_all(
    client: Client, xvc: Client, organizer: Client, phase: Phase, address: str
) -> None:
    put(xvc, address, PDF)
    build_team(phase.challenge, name="rival", password=PASSWORD)
    named = f"{address}?team=XVC"
    assert client.get(named).status_code == 401
    assert logged_in("rival", PASSWORD).get(named).status_code == 404  # its own, which is not there
    assert b"".join(organizer.get(named)) == PDF
    assert organizer.get(f"{address}?team=nobody").status_code == 404
    assert organizer.get(f"{address}?team=%00").status_code == 404
    Phase.objects.update(boards_open_at=NOW)
    assert b"".join(client.get(named)) == PDF


def test_it_is_refused_after_its_deadline_but_to_organizers(
    xvc: Client, organizer: Client, address: str, set_time: SetTime
) -> None:
    set_time(DUE)
    late = put(xvc, address, PDF)
    assert (late.status_code, late.json()["type"][-9:]) == (403, "#too-late")
    assert put(organizer, f"{address}?team=xvc", PDF).status_code == 422
    assert put(organizer, f"{address}?team=xvc&note=Mail+was+down", PDF).status_code == 200
    assert AuditEntry.objects.get().note == "Mail was down"
    assert put(xvc, address, b"no pdf").status_code == 403


def test_what_is_no_pdf_is_refused(xvc: Client, address: str) -> None:
    response = put(xvc, address, b"GIF89a")
    assert response.status_code == 422
    assert "no PDF" in details(response)[0]


def test_boards_say_who_is_not_eligible_and_why(
    client: Client, phase: Phase, xvc: Client, address: str, set_time: SetTime
) -> None:
    Phase.objects.update(boards_open_at=NOW)
    put(xvc, address, PDF)
    build_scored_submission(phase, phase.challenge.teams.get(name="xvc"), method="ours")
    build_scored_submission(phase, build_team(phase.challenge), method="theirs", error=2)
    board = f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/psnr/"
    for at, kinds in ((CLOSES, ["competing"] * 2), (DUE, ["competing", "ineligible"])):
        set_time(at)
        rows = client.get(board).json()["results"]
        assert [row["kind"] for row in rows] == kinds
    assert rows[1]["kind_reason"].startswith("No factsheet by ")
    assert b"No factsheet by " in client.get(f"{board}?format=csv").content
