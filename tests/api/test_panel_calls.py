"""The panel by the API: members vote under their own name, organizers award, others read or not."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import Membership, Phase
from ratings.ranking.models import Award, PanelVote
from tests.api.conftest import bearer, details
from tests.builders import build_organizer, build_phase, build_team, build_token
from tests.fidelity.builders import build_scored_submission

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def phase() -> Phase:
    phase = build_phase()
    build_scored_submission(phase, build_team(phase.challenge, name="team xvc"), method="xvc")
    return phase


@pytest.fixture
def panel(phase: Phase) -> str:
    return f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/panel/"


def of_role(phase: Phase, role: str, name: str) -> Client:
    user: User = build_organizer(is_staff=False, username=name)
    Membership.objects.create(user=user, role=role, challenge=phase.challenge)
    return bearer(build_token(user))


def chosen(phase: Phase, **fields: str) -> dict[str, Any]:
    return {"submission_id": str(phase.submissions.get().pk)} | fields


def test_a_member_votes_anew_and_the_newest_counts(phase: Phase, panel: str) -> None:
    bea = of_role(phase, "panel", "bea")
    first = bea.post(f"{panel}votes/", chosen(phase, remarks=" Runs anywhere. "), JSON)
    assert first.status_code == 201
    assert (first.json()["member"], first.json()["counts"]) == ("bea", True)
    assert bea.post(f"{panel}votes/", chosen(phase), JSON).status_code == 201
    for reader in (bea, of_role(phase, "viewer", "vera"), bearer(build_token())):
        votes = reader.get(f"{panel}votes/").json()["results"]
        assert [(one["member"], one["remarks"], one["counts"]) for one in votes] == [
            ("bea", "Runs anywhere.", False),
            ("bea", "", True),
        ]
    assert votes == bearer(build_token()).get(panel).json()["votes"]


def test_who_has_no_vote_makes_none(phase: Phase, panel: str, client: Client) -> None:
    assert client.get(f"{panel}votes/").status_code == 401
    assert client.post(f"{panel}votes/", chosen(phase), JSON).status_code == 401
    viewer = of_role(phase, "viewer", "vera")
    assert viewer.post(f"{panel}votes/", chosen(phase), JSON).status_code == 403
    elsewhere = of_role(build_phase(), "panel", "paul")
    assert elsewhere.get(f"{panel}votes/").status_code == 403
    assert elsewhere.post(f"{panel}votes/", chosen(phase), JSON).status_code == 403
    assert not PanelVote.objects.exists()


def test_what_is_no_entry_is_refused(phase: Phase, panel: str) -> None:
    bea = of_role(phase, "panel", "bea")
    for fields in ({"submission_id": "x"}, {}):
        assert bea.post(f"{panel}votes/", fields, JSON).status_code == 400
    team = build_team(phase.challenge, kind="ineligible", kind_reason="The organizers' own.")
    out = build_scored_submission(phase, team, method="ours")
    refused = bea.post(f"{panel}votes/", {"submission_id": str(out.pk)}, JSON)
    assert refused.status_code == 422 and "can't win" in details(refused)[0]
    assert not PanelVote.objects.exists()


def test_organizers_award_and_take_back(phase: Phase, panel: str) -> None:
    olga = of_role(phase, "organizer", "olga")
    reasons = {"title": "Overall winner", "statement": "It runs anywhere."}
    made = olga.post(f"{panel}awards/", chosen(phase, **reasons), JSON)
    assert made.status_code == 201 and made.json()["by"] == "olga"
    one = f"{panel}awards/{made.json()['id']}/"
    bea = of_role(phase, "panel", "bea")
    assert bea.post(f"{panel}awards/", chosen(phase, **reasons), JSON).status_code == 403
    assert bea.delete(one).status_code == 403
    assert Award.objects.get().withdrawn_at is None
    assert olga.delete(one).status_code == 204
    assert Award.objects.get().withdrawn_by == "olga"
    assert olga.delete(one).status_code == 422
    (award,) = olga.get(panel).json()["awards"]
    assert (award["title"], award["withdrawn_by"]) == ("Overall winner", "olga")
