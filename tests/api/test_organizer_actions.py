"""Withdrawing, disqualifying and taking in again over REST: who may, and what is answered."""

import json
from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import Study
from ratings.submissions.models import Submission
from tests.api.conftest import SUBMISSIONS, bearer, details, logged_in
from tests.builders import (
    PASSWORD,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
    build_token,
)
from tests.fidelity.builders import build_scored_submission
from tests.web.builders import build_ranked_study, build_running_phase

pytestmark = pytest.mark.django_db
WHY = "It was trained on the test pictures."


@pytest.fixture
def submission() -> Submission:
    """Save a scored submission of the team xvc, whose boards are hidden."""
    phase = build_phase()
    return build_scored_submission(
        phase, build_team(phase.challenge, name="xvc", password=PASSWORD), method="net"
    )


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token(build_organizer(username="ann")))


def post(client: Client, submission: Submission, what: str, **body: Any) -> Any:  # noqa: ANN401
    path = f"{SUBMISSIONS}{submission.pk}/{what}/"
    return client.post(path, json.dumps(body), content_type="application/json")


def test_a_team_withdraws_and_an_organizer_takes_it_in_again(
    submission: Submission, organizer: Client
) -> None:
    team = logged_in("xvc", PASSWORD)
    for _ in range(2):  # again changes nothing
        response = post(team, submission, "withdraw")
        assert response.status_code == 200, response.content
        assert (response.json()["out"], response.json()["state"]) == ("withdrawn", "scored")
    assert post(team, submission, "readmit", note="please").status_code == 403
    response = post(organizer, submission, "readmit", note="They asked by mail.")
    assert (response.status_code, response.json()["out"]) == (200, "")
    acts = AuditEntry.objects.order_by("id").values_list("kind", "by", "note")
    assert list(acts) == [
        ("withdraw", "the team", ""),
        ("readmit", "ann", "They asked by mail."),
    ]


def test_an_organizer_disqualifies_and_the_team_reads_why(
    submission: Submission, organizer: Client
) -> None:
    response = post(organizer, submission, "disqualify", note=WHY)
    assert (response.json()["out"], response.json()["out_reason"]) == ("disqualified", WHY)
    team = logged_in("xvc", PASSWORD)
    seen = team.get(f"{SUBMISSIONS}{submission.pk}/").json()
    assert (seen["out"], seen["out_reason"], seen["scores"]) == ("disqualified", WHY, None)
    response = post(team, submission, "withdraw")
    assert (response.status_code, response.json()["type"]) == (409, "/api/v1/docs/#standing")
    assert response["Content-Type"] == "application/problem+json"


def test_what_may_not_be_done_is_said(submission: Submission, organizer: Client) -> None:
    build_team(submission.phase.challenge, name="other", password=PASSWORD)
    assert post(logged_in("other", PASSWORD), submission, "withdraw").status_code == 404
    assert post(Client(), submission, "withdraw").status_code == 401
    for what in ("disqualify", "readmit"):
        assert post(logged_in("xvc", PASSWORD), submission, what, note=WHY).status_code == 403
        assert post(organizer, submission, what).status_code == 400
    response = post(organizer, submission, "withdraw")
    assert (response.status_code, response.json()["type"]) == (422, "/api/v1/docs/#note")
    assert details(post(organizer, submission, "withdraw", because="x"))
    begun = build_submission(submission.phase, submission.team)
    response = post(organizer, begun, "disqualify", note=WHY)
    assert (response.status_code, response.json()["type"]) == (409, "/api/v1/docs/#standing")
    assert not AuditEntry.objects.exists()


def test_every_table_is_without_it_and_says_who_left(organizer: Client) -> None:
    study: Study = build_ranked_study(build_running_phase())
    gone = study.entries.get(label="method-1").submission
    post(organizer, gone, "disqualify", note=WHY)
    boards = f"/api/v1/boards/{study.phase.challenge.slug}/{study.phase.slug}/"
    said = {
        "method": "method-1",
        "team": gone.team.name,
        "kind": "disqualified",
        "kind_reason": WHY,
    }
    public = Client()
    for path in (f"{boards}psnr/", f"{boards}human/", f"/api/v1/studies/{study.slug}/ranking/"):
        answer = public.get(path).json()
        assert [line["method"] for line in answer["results"]] != []
        assert "method-1" not in [line["method"] for line in answer["results"]]
        assert answer["out"] == [said]
        assert "method-1" not in public.get(f"{path}?format=csv").content.decode()
    assert b"method-1" not in public.get(f"{boards}human/?format=tex").content
    assert b"method-1" not in public.get(f"{boards}human/figures/scores.svg").content
    sheet = organizer.get(f"{boards}panel/").json()
    assert len(sheet["results"]) == 2 and sheet["out"] == [said]
    response = organizer.get(f"/api/v1/studies/{study.slug}/judgments/")
    rows = json.loads(b"".join(response))["results"]
    marked = [row for row in rows if "method-1" in (row["left"], row["right"])]
    assert marked and all(row["excluded"] and row["method_out"] for row in marked)
    assert {row["exclusion_reason"] for row in marked} == {"method-1 is disqualified"}
    assert not any(row["method_out"] for row in rows if row not in marked)
