"""Teams over REST: registered, changed, let in again; what is kept; and sessions of the pages."""

from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import Phase, Team
from ratings.challenge.teams.lost_passwords import make_token
from ratings.challenge.teams.team_logins import authenticate
from ratings.submissions.models import Submission
from tests.api.conftest import PNG, SUBMISSIONS, bearer, begin, details, logged_in, put
from tests.builders import (
    PASSWORD,
    build_challenge,
    build_decoded_image,
    build_phase,
    build_submission,
    build_team,
    build_token,
)
from tests.submissions.builders import DUE, PDF

pytestmark = pytest.mark.django_db
EMAIL, NEW = "x@example.org", "another password"
JSON = "application/json"


@pytest.fixture
def phase() -> Phase:
    return build_phase()


@pytest.fixture
def team(phase: Phase) -> Team:
    return build_team(phase.challenge, name="xvc", password=PASSWORD, email=EMAIL)


@pytest.fixture
def own(phase: Phase) -> str:
    return f"/api/v1/challenges/{phase.challenge.slug}/team/"


def register(phase: Phase, **fields: Any) -> Any:  # noqa: ANN401
    body = {"name": "XVC", "password": PASSWORD, "email": EMAIL} | fields
    return Client().post(f"/api/v1/challenges/{phase.challenge.slug}/teams/", body, JSON)


def code(response: Any) -> str:  # noqa: ANN401
    return str(response.json()["type"].rpartition("#")[2])


def test_a_team_is_registered_before_it_submits(phase: Phase) -> None:
    answer = register(phase)
    assert (answer.status_code, answer.json()["name"], answer.json()["email"]) == (
        201,
        "XVC",
        EMAIL,
    )
    assert "password" not in answer.json()
    assert begin(logged_in("xvc", PASSWORD), phase).status_code == 201
    assert (register(phase).status_code, code(register(phase, name="xvc"))) == (409, "team-taken")
    assert authenticate(phase.challenge, "xvc", PASSWORD)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"password": "short"}, "password-length"),
        ({"name": "a:b"}, "team-name"),
        ({"name": "WebP"}, "team-name"),
        ({"email": "x"}, "invalid"),
        ({"kind": "baseline"}, "invalid"),
    ],
)
def test_what_can_t_be_is_refused_and_nothing_made(
    phase: Phase, fields: dict[str, str], expected: str
) -> None:
    assert code(register(phase, **fields)) == expected
    assert not Team.objects.exists()


def test_registering_is_slowed_down(phase: Phase) -> None:
    for number in range(40):
        assert register(phase, name=f"T{number}").status_code == 201
    answer = register(phase)
    assert (answer.status_code, code(answer)) == (429, "too-often")
    assert 0 < int(answer["Retry-After"]) <= 23


def test_a_team_changes_itself_with_its_password(own: str, team: Team, xvc: Client) -> None:
    assert xvc.patch(own, {"email": "y@example.org"}, JSON).json()["email"] == "y@example.org"
    assert details(xvc.patch(own, {"password": "short"}, JSON))
    assert xvc.patch(own, {"password": NEW}, JSON).status_code == 200
    assert xvc.get(own).status_code == 401
    assert logged_in("xvc", NEW).get(own).json()["email"] == "y@example.org"


def test_without_mail_no_link_is_promised(own: str, team: Team) -> None:
    answer = Client().post(f"{own}lost-password/", {"name": "xvc"}, JSON)
    assert (answer.status_code, code(answer)) == (422, "mail")


def test_a_lost_password_is_set_anew_by_the_link_s_token(own: str, team: Team) -> None:
    path, body = f"{own}lost-password/{make_token(team)}/", {"password": NEW}
    assert code(Client().post(path, {"password": "short"}, JSON)) == "password-length"
    assert Client().post(path, body, JSON).json()["name"] == "xvc"
    assert code(Client().post(path, body, JSON)) == "link-expired"
    assert logged_in("xvc", NEW).get(own).status_code == 200


def test_a_team_exports_all_that_is_kept_about_it(
    xvc: Client, phase: Phase, team: Team, own: str, client: Client
) -> None:
    factsheet = f"/api/v1/challenges/{phase.challenge.slug}/phases/{phase.slug}/factsheet"
    Phase.objects.update(factsheet_closes_at=DUE)
    put(xvc, factsheet, PDF)
    build_submission(phase)
    begin(xvc, phase, method="ours")
    data = xvc.get(own).json()
    assert (data["name"], data["email"]) == ("xvc", "x@example.org")
    assert [submission["method"] for submission in data["submissions"]] == ["ours"]
    assert data["factsheets"][0]["bytes"] == len(PDF)
    assert "password" not in data
    for stranger in (client, bearer(build_token()), logged_in("xvc", "wrong one")):
        assert stranger.get(own).status_code == 401


class Browser:
    """A browser in which a team is signed in on the pages; CSRF is looked at as in a real one."""

    def __init__(self, phase: Phase) -> None:
        self.client = Client(enforce_csrf_checks=True)
        path = f"/{phase.challenge.slug}/submit/sign-in/"
        self.client.get(path)
        body = {"name": "xvc", "password": PASSWORD, "csrfmiddlewaretoken": self.token}
        assert self.client.post(path, body).status_code == 302
        self.client.get(path)

    @property
    def token(self) -> str:
        return self.client.cookies["csrftoken"].value

    def headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self.token}


def test_a_browser_submits_by_its_session(phase: Phase, team: Team) -> None:
    browser = Browser(phase)
    body = {"challenge": phase.challenge.slug, "phase": phase.slug, "method": "m"}

    def post(path: str, fields: object, **headers: str) -> Any:  # noqa: ANN401
        return browser.client.post(path, fields, JSON, headers=headers)

    assert post(SUBMISSIONS, body).status_code == 403  # as another site would
    assert not Submission.objects.exists()
    begun = post(SUBMISSIONS, body, **browser.headers())
    assert begun.status_code == 201
    assert Submission.objects.get().team == team
    mine = f"{SUBMISSIONS}{begun.json()['id']}/"
    assert put(browser.client, f"{mine}decoded/a.png").status_code == 403
    assert put(browser.client, f"{mine}decoded/a.png", PNG, **browser.headers()).status_code == 201
    assert browser.client.get(f"{mine}files/").json()["results"][0]["path"] == "decoded/a.png"
    assert b"".join(browser.client.get(f"{mine}decoded/a.png")) == PNG
    other = post(SUBMISSIONS, body | {"team": "rival"}, **browser.headers())
    assert (other.status_code, code(other)) == (403, "signed-out")


def test_a_session_is_one_challenge_s_and_ends_with_the_password(phase: Phase, team: Team) -> None:
    browser, elsewhere = Browser(phase), build_phase(build_challenge())
    build_team(elsewhere.challenge, name="xvc", password=PASSWORD)
    own = "/api/v1/challenges/{}/team/"
    assert browser.client.get(own.format(phase.challenge.slug)).status_code == 200
    assert browser.client.get(own.format(elsewhere.challenge.slug)).status_code == 403
    assert (
        browser.client.patch(
            own.format(phase.challenge.slug), {"password": NEW}, JSON, headers=browser.headers()
        ).status_code
        == 401
    )  # a password is changed by who knows it
    foreign = build_submission(phase, build_team(phase.challenge))
    assert browser.client.get(f"{SUBMISSIONS}{foreign.pk}/").status_code == 404
    logged_in("xvc", PASSWORD).patch(own.format(phase.challenge.slug), {"password": NEW}, JSON)
    assert code(browser.client.get(own.format(phase.challenge.slug))) == "signed-out"


def test_a_page_that_was_signed_out_hears_no_401(phase: Phase, team: Team) -> None:
    browser = Browser(phase)
    out = f"/{phase.challenge.slug}/submit/sign-out/"
    browser.client.post(out, {"csrfmiddlewaretoken": browser.token})
    path = f"{SUBMISSIONS}{build_submission(phase, team).pk}/files/"
    assert browser.client.get(path, headers=browser.headers()).status_code == 403
    assert browser.client.get(path).status_code == 401


def test_a_team_downloads_its_own_decoded_pictures(phase: Phase, team: Team, xvc: Client) -> None:
    submission = build_submission(phase, team)
    build_decoded_image(submission, phase.originals()[0])
    path = f"{SUBMISSIONS}{submission.pk}/decoded/"
    response = xvc.get(f"{path}a.png")
    assert b"".join(response).startswith(b"\x89PNG")
    assert response["Cache-Control"] == "private, no-store"
    assert "sandbox" in response["Content-Security-Policy"]
    assert xvc.get(f"{path}b.png").status_code == 404
    build_team(phase.challenge, name="rival", password=PASSWORD)
    assert logged_in("rival", PASSWORD).get(f"{path}a.png").status_code == 404
    assert Client().get(f"{path}a.png").status_code == 401
