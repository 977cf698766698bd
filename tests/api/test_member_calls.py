"""Members of a team by the API: the same acts as on its page, for its owner and organizers."""

from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import Member, Phase, Team
from ratings.submissions.models import Factsheet, Submission
from tests.api.conftest import SUBMISSIONS, bearer, begin, details, logged_in, put
from tests.builders import (
    PASSWORD,
    build_bitstream,
    build_decoded_image,
    build_member,
    build_organizer,
    build_phase,
    build_submission,
    build_team,
    build_token,
)
from tests.submissions.builders import DUE, PDF

pytestmark = pytest.mark.django_db
OWN, NEW = "battery staple", "another password"
JSON = "application/json"


@pytest.fixture
def phase() -> Phase:
    return build_phase(factsheet_closes_at=DUE)


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", password=PASSWORD, email="x@example.org")


@pytest.fixture
def own(team: Team) -> str:
    return f"/api/v1/challenges/{team.challenge.slug}/team/"


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token(build_organizer(username="olga")))


def join(own: str, inviting: Client, name: str, query: str = "") -> Any:  # noqa: ANN401
    """Invite somebody, and follow the link; return the answer."""
    invited = inviting.post(f"{own}invitations/{query}", {"label": name}, JSON)
    assert invited.status_code == 201
    token = invited.json()["url"].split("/")[-2]
    return Client().post(f"{own}join/{token}/", {"name": name, "password": OWN}, JSON)


def code(answer: Any) -> tuple[int, str]:  # noqa: ANN401
    details(answer)
    return answer.status_code, answer.json()["type"].rpartition("#")[2]


def test_the_first_to_join_owns_the_team_and_lets_others_in(
    team: Team, own: str, xvc: Client
) -> None:
    answer = join(own, xvc, "Ann")
    assert (answer.status_code, answer.json()["is_owner"]) == (201, True)
    assert "password" not in answer.json()
    ann = logged_in("Ann", OWN)
    assert join(own, ann, "Bea").json()["is_owner"] is False
    bea = logged_in("bea", OWN)
    listed = bea.get(f"{own}members/").json()["results"]
    assert [one["name"] for one in listed] == ["Ann", "Bea"]
    first, second = (one["id"] for one in listed)
    for other in (bea, xvc):
        assert code(other.post(f"{own}invitations/", {"label": "x"}, JSON)) == (403, "not-owner")
        assert code(other.delete(f"{own}members/{first}/")) == (403, "not-owner")
        assert code(other.post(f"{own}members/{first}/reset/")) == (403, "not-owner")
    reset = ann.post(f"{own}members/{second}/reset/")
    assert reset.status_code == 201 and bea.get(own).status_code == 401
    token = reset.json()["url"].split("/")[-2]
    renewed = Client().post(f"{own}lost-password/{token}/", {"password": NEW}, JSON)
    assert renewed.json()["name"] == "xvc" and len(renewed.json()["members"]) == 2
    assert logged_in("bea", NEW).delete(f"{own}members/{second}/").status_code == 204  # leaves
    assert logged_in("bea", NEW).get(own).status_code == 401
    assert ann.delete(f"{own}members/{second}/").status_code == 404


def test_invitations_are_listed_and_taken_back_by_the_owner(
    team: Team, own: str, xvc: Client
) -> None:
    build_member(team, name="Ann", password=OWN)
    ann = logged_in("Ann", OWN)
    ann.post(f"{own}invitations/", {"label": "Cleo", "email": "cleo@example.org"}, JSON)
    (waiting,) = xvc.get(f"{own}invitations/").json()["results"]
    assert (waiting["label"], waiting["by"]) == ("Cleo", "member Ann")
    one = f"{own}invitations/{waiting['id']}/"
    assert code(xvc.delete(one)) == (403, "not-owner")
    assert ann.delete(one).status_code == 204
    assert ann.delete(one).status_code == 404
    assert code(ann.post(f"{own}invitations/", {"label": "\n"}, JSON))[0] == 400


def test_inviting_is_slowed_down(team: Team, own: str, xvc: Client) -> None:
    for _ in range(20):
        assert xvc.post(f"{own}invitations/", {"label": "x"}, JSON).status_code == 201
    assert code(xvc.post(f"{own}invitations/", {"label": "x"}, JSON)) == (429, "too-often")


def test_guessing_a_member_s_password_is_slowed_down(team: Team, own: str) -> None:
    build_member(team, name="Ann", password=OWN)
    for _ in range(10):
        assert logged_in("Ann", "wrong one").get(own).status_code == 401
    assert code(logged_in("ANN", OWN).get(own)) == (429, "too-many-failures")


def test_organizers_name_the_team(team: Team, own: str, organizer: Client) -> None:
    assert join(own, organizer, "Ann", "?team=XVC").status_code == 201
    (ann,) = organizer.get(f"{own}members/?team=xvc").json()["results"]
    organizer.post(f"{own}invitations/?team=xvc", {"label": "Bea"}, JSON)
    (waiting,) = logged_in("xvc", PASSWORD).get(f"{own}invitations/").json()["results"]
    assert waiting["by"] == "an organizer"
    assert organizer.get(f"{own}members/").status_code == 404
    assert organizer.get(f"{own}members/?team=nobody").status_code == 404
    member = f"{own}members/{ann['id']}/"
    assert organizer.post(f"{member}reset/?team=xvc").status_code == 201
    assert logged_in("Ann", OWN).get(own).status_code == 401
    assert organizer.delete(f"{member}?team=xvc").status_code == 204
    acts = team.audit_entries.order_by("pk").values_list("by", "kind")
    assert list(acts) == [
        ("olga", "invite"),
        ("member Ann", "join"),
        ("olga", "invite"),
        ("olga", "reset"),
        ("olga", "remove"),
    ]


def test_another_team_s_members_are_out_of_reach(team: Team, own: str, xvc: Client) -> None:
    rival = build_team(team.challenge, name="rival", password=PASSWORD)
    hers = build_member(rival, name="Ann", password=OWN)
    assert xvc.get(f"{own}members/").json()["results"] == []
    assert xvc.get(f"{own}members/?team=rival").status_code == 404
    assert xvc.get(f"{own}members/?team=XVC").status_code == 200
    assert xvc.delete(f"{own}members/{hers.pk}/").status_code == 404
    assert xvc.post(f"{own}members/{hers.pk}/reset/").status_code == 404
    assert Client().get(f"{own}members/").status_code == 401
    rival.refresh_from_db()
    assert Member.objects.get().password == hers.password


def test_what_a_member_does_is_signed(phase: Phase, team: Team, own: str, xvc: Client) -> None:
    build_member(team, name="Ann", password=OWN)
    ann = logged_in("Ann", OWN)
    begun = begin(ann, phase)
    assert (begun.status_code, begun.json()["team"]) == (201, "xvc")
    assert (begun.json()["begun_by"], begun.json()["submitted_by"]) == ("member Ann", "")
    submission = Submission.objects.get()
    assert submission.team == team
    for original in phase.originals():
        build_decoded_image(submission, original)
        build_bitstream(submission, original)
    closed = xvc.post(f"{SUBMISSIONS}{submission.pk}/submit/")
    assert (closed.json()["begun_by"], closed.json()["submitted_by"]) == ("member Ann", "the team")
    ann.post(f"{SUBMISSIONS}{submission.pk}/withdraw/", {}, JSON)
    draft = build_submission(phase, team, method="draft", begun_by="olga")
    assert ann.get(f"{SUBMISSIONS}{draft.pk}/").json()["begun_by"] == "an organizer"
    assert "olga" not in ann.get(own).content.decode()
    assert ann.delete(f"{SUBMISSIONS}{draft.pk}/").status_code == 204
    acts = team.audit_entries.order_by("pk").values_list("by", "kind")
    assert list(acts) == [("member Ann", "withdraw"), ("member Ann", "delete")]
    factsheet = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/factsheet"
    assert put(ann, factsheet, PDF).json()["received_from"] == "member Ann"
    assert Factsheet.objects.get().received_from == "member Ann"


def test_a_member_s_factsheet_is_late_as_a_team_s(
    phase: Phase,
    team: Team,
    set_time: Any,  # noqa: ANN401
) -> None:
    build_member(team, name="Ann", password=OWN)
    set_time(DUE)
    factsheet = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/factsheet"
    for client in (logged_in("Ann", OWN), logged_in("xvc", PASSWORD)):
        assert code(put(client, f"{factsheet}?note=why", PDF)) == (403, "too-late")


def test_a_member_changes_what_is_theirs(team: Team, own: str, xvc: Client) -> None:
    build_member(team, name="Ann", password=OWN)
    ann = logged_in("Ann", OWN)
    changed = ann.patch(own, {"email": "ann@example.org", "password": NEW}, JSON).json()
    assert (changed["email"], changed["members"][0]["email"]) == (
        "x@example.org",
        "ann@example.org",
    )
    assert ann.get(own).status_code == 401 and xvc.get(own).status_code == 200
    assert logged_in("ann@example.org", NEW).get(own).status_code == 200


def test_an_invitation_into_a_team_makes_no_account_at_the_desk(
    team: Team, own: str, xvc: Client, organizer: Client
) -> None:
    """One mechanism makes both links; neither door takes the other's."""
    into_team = xvc.post(f"{own}invitations/", {"label": "x"}, JSON).json()["url"].split("/")[-2]
    chosen = {"name": "ann", "password": OWN}
    at_desk = Client().post(f"/api/v1/accounts/links/{into_team}/", chosen, JSON)
    assert code(at_desk) == (404, "unknown-link")
    assert organizer.get("/api/v1/accounts/invitations/").json()["results"] == []
    role = {"label": "x", "role": "organizer", "challenge": None}
    to_desk = organizer.post("/api/v1/accounts/invitations/", role, JSON).json()["url"]
    assert code(Client().post(f"{own}join/{to_desk.split('/')[-2]}/", chosen, JSON)) == (
        404,
        "unknown-link",
    )
