"""Sessions over HTTP: how raters come, go on, come back on other devices, and end with a code."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from ratings.comparisons.ending_rules import Endings
from ratings.comparisons.models import Rater, Recruit, Study, Visit
from ratings.comparisons.protocol import Platform, Protocol, Recruiting, Training
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.trials.completion_codes import find_by_code
from ratings.limit_table import read_limits
from tests.api.conftest import details
from tests.api.sessions import BROWSER, JSON, begin, session
from tests.builders import NOW
from tests.comparisons.builders import PLAIN, build_filled_study
from tests.comparisons.recruits import PROLIFIC, recruiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    protocol = recruiting(languages=("en", "de"), platforms=(PROLIFIC,))
    return build_filled_study(methods=2, pictures=1, trials_per_rater=2, protocol=protocol)


def judge_rest(client: Client, study: Study) -> None:
    while True:
        page = client.get(f"/api/v1/studies/{study.slug}/trials/next/", {"count": 5}).json()
        if not page["results"]:
            return
        for trial in page["results"]:
            body = {"choice": "left", "response_ms": 4000, "attempt": trial["attempt"]}
            assert client.put(trial["judgment"], body, content_type=JSON).status_code == 201


def sent(participant: str = "5f3a", **more: str) -> dict[str, object]:
    return {"platform": {"slug": "prolific", "participant": participant} | more}


def code(response: Any) -> str:  # noqa: ANN401
    assert response.status_code in (400, 403, 409)
    assert details(response)
    return str(response.json()["type"].rpartition("#")[2])


def test_a_session_is_told_in_full(client: Client, study: Study) -> None:
    assert code(session(client, study)) == "no-rater"
    begun = begin(client, study, language="de")
    assert begun.status_code == 201
    body = dict(begun.json())
    address = urlsplit(body.pop("link"))
    assert address.path == f"/rate/{study.slug}/"
    rater = Rater.objects.get()
    assert rater_keys.rater_in_link(study, parse_qs(address.query)["rater"][0]) == rater
    assert body == {
        "rater": rater.pk.hex,
        "state": "judging",
        "judged": 0,
        "total": 2,
        "training": None,
        "visit": 1,
        "language": "de",
        "ending": "",
        "completion": None,
        "questions_due": None,
    }
    assert session(client, study).json() == begun.json()
    assert session(client, study)["Cache-Control"] == "private, no-store"


def test_consent_is_to_the_text_that_was_shown(client: Client, study: Study) -> None:
    shown = study.texts("de").consent_sha256
    Study.objects.update(consent="We sell your answers.")
    refused = begin(client, study, language="de", consent_sha256=shown)
    assert code(refused) == "consent-changed"
    assert not Rater.objects.exists()
    study.refresh_from_db()
    shown = study.texts("de").consent_sha256
    assert begin(client, study, language="de", consent_sha256=shown).status_code == 201
    assert Rater.objects.get().consent == "We sell your answers."


def test_training_is_told(client: Client) -> None:
    study = build_filled_study(protocol=Protocol())
    body = begin(client, study).json()
    assert body["state"] == "training"
    rule = {"trials": 5, "right": 0, "attempt": 1, "attempts": 2}
    assert body["training"] == rule | {"judged": 0, "correct": 0, "correct_before": 0}


def test_every_opening_of_the_page_is_a_visit(client: Client, study: Study) -> None:
    facts = {"window_width": 1366, "zoom": 1.1, "layout_fits": False}
    assert begin(client, study, facts=facts).json()["visit"] == 1
    assert begin(client, study).json()["visit"] == 2
    first, second = Visit.objects.order_by("number")
    assert (first.browser, first.facts, first.begun_at) == (BROWSER, facts, NOW)
    assert (second.browser, second.facts) == (BROWSER, {})
    client.post(
        f"/api/v1/studies/{study.slug}/raters/",
        {"consent": True},
        content_type=JSON,
        headers={"User-Agent": "\x00\x7f" + "\xe9" * 400},
    )
    assert Visit.objects.get(number=3).browser == "\xe9" * 300


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"language": "fr"}, "language: This study speaks en, de."),
        ({"language": 7}, "language: "),
        ({"invitation": "x" * 33}, "invitation: "),
        ({"invitation": ["x"]}, "invitation: "),
        ({"platform": "prolific"}, "platform: "),
        ({"platform": {"slug": "prolific"}}, "platform/participant: "),
        ({"platform": {"slug": "mturk", "participant": "A1"}}, "platform: This study recruits"),
        (sent("x" * 101), "platform/participant: "),
        (sent("a\0b"), "platform/participant: "),
        (sent(""), "platform/participant: "),
        (sent(study="x" * 101), "platform/study: "),
        (sent(email="a@b.example"), "platform/email: "),
        ({"facts": []}, "facts: "),
        ({"facts": {"mood": 1}}, "facts/mood: This field is unknown"),
        ({"facts": {"window_width": "1366"}}, "facts/window_width: It must be a whole number"),
        ({"facts": {"zoom": 0}}, "facts/zoom: "),
        ({"facts": {"layout_fits": 1}}, "facts/layout_fits: It must be true or false."),
        ({"facts": {"layout": "flip"}}, "facts/layout: "),
    ],
)
def test_wrong_arrivals_are_refused(
    client: Client, study: Study, body: dict[str, object], problem: str
) -> None:
    response = begin(client, study, **body)
    assert response.status_code == 400
    assert details(response)[0].startswith(problem)
    assert not response.cookies
    assert not Rater.objects.exists()


def test_the_code_comes_when_everything_is_stored(client: Client, study: Study) -> None:
    begin(client, study)
    judge_rest(client, study)
    body = session(client, study).json()
    assert (body["state"], body["completion"]["url"]) == ("done", None)
    completion_code = body["completion"]["code"]
    assert completion_code.isalpha()
    assert len(completion_code) == 10
    assert (
        find_by_code(study, f" {completion_code[:5].lower()}-{completion_code[5:]} ")
        == Rater.objects.get()
    )
    assert find_by_code(study, completion_code[:-1]) is None
    other = build_filled_study()
    assert find_by_code(other, completion_code) is None
    assert begin(client, study).json()["completion"] == body["completion"]


def test_a_platform_pays_by_its_own_code(client: Client, study: Study) -> None:
    begin(client, study, **sent(study="S", session="T"))
    row = Recruit.objects.get()
    assert (row.platform_study, row.platform_session, row.session_number) == ("S", "T", 0)
    assert session(client, study).json()["completion"] is None
    judge_rest(client, study)
    url = "https://app.prolific.com/submissions/complete?cc=C1"
    assert session(client, study).json()["completion"] == {"code": "C1", "url": url}


def test_who_is_screened_out_gets_the_other_code(client: Client, study: Study) -> None:
    begin(client, study, **sent())
    Rater.objects.update(screened_out_at=NOW)
    body = session(client, study).json()
    assert (body["state"], body["completion"]["code"]) == ("screened-out", "S1")


def test_a_participant_goes_on_on_another_device_until_done(client: Client, study: Study) -> None:
    begin(client, study, **sent())
    again = begin(other := Client(), study, language="de", **sent())
    assert (again.status_code, again.json()["language"], again.json()["visit"]) == (200, "de", 2)
    assert Rater.objects.count() == 1
    judge_rest(other, study)
    assert begin(client, study, **sent()).json()["state"] == "done"
    there = begin(Client(), study, **sent()).json()
    assert (there["state"], there["completion"]["code"]) == ("done", "C1")
    assert Rater.objects.count() == 1


def test_a_platform_comes_before_what_the_browser_holds(client: Client, study: Study) -> None:
    begin(client, study)
    assert begin(client, study, **sent()).status_code == 201
    assert begin(client, study, **sent("other")).status_code == 201
    assert begin(client, study, **sent()).status_code == 200
    assert Rater.objects.count() == 3


def test_where_people_may_judge_again_each_turn_is_a_rater(client: Client) -> None:
    protocol = recruiting(one_session=False, platforms=(PROLIFIC,))
    study = build_filled_study(methods=2, pictures=1, trials_per_rater=1, protocol=protocol)
    begin(client, study, **sent())
    judge_rest(client, study)
    begin(other := Client(), study, **sent())
    assert session(other, study).json()["state"] == "judging"
    assert list(
        Recruit.objects.order_by("session_number").values_list("session_number", flat=True)
    ) == [0, 1]


def test_closed_and_paused_studies_take_nobody_new_and_let_the_others_end(
    client: Client, study: Study
) -> None:
    begin(client, study)
    Study.objects.update(paused_at=NOW)
    assert code(begin(Client(), study)) == "study-paused"
    assert begin(client, study).status_code == 200
    Study.objects.update(is_open=False)
    assert code(begin(Client(), study)) == "study-closed"
    assert begin(client, study).json()["completion"] is None


def test_a_study_that_closes_leaves_nobody_without_a_code(client: Client) -> None:
    study = build_filled_study(protocol=PLAIN)
    begin(client, study)
    trials = client.get(f"/api/v1/studies/{study.slug}/trials/next/", {"count": 3}).json()
    body = {"choice": "left", "response_ms": 4000}
    client.put(trials["results"][0]["judgment"], body, content_type=JSON)
    Study.objects.update(is_open=False)
    answer = session(client, study).json()
    assert (answer["state"], answer["judged"], answer["total"]) == ("done", 1, 1)
    assert answer["completion"]
    late = client.put(trials["results"][1]["judgment"], body, content_type=JSON)
    assert late.status_code == 201


def test_a_study_that_closes_in_the_training_leaves_nobody_without_a_code(client: Client) -> None:
    study = build_filled_study(protocol=replace(PLAIN, training=Training(trials=2)))
    begin(client, study)
    (trial,) = client.get(f"/api/v1/studies/{study.slug}/trials/next/").json()["results"]
    assert trial["training"]
    body = {"choice": "left", "response_ms": 4000}
    assert client.put(trial["judgment"], body, content_type=JSON).status_code == 201
    assert session(client, study).json()["state"] == "training"
    Study.objects.update(is_open=False)
    answer = session(client, study).json()
    assert answer["state"] == "done" and answer["completion"]


def test_the_end_is_on_record_as_soon_as_it_is_told(client: Client) -> None:
    """The page has all trials in hand before the last is judged, and asks for no more."""
    study = build_filled_study(trials_per_rater=2, protocol=PLAIN)
    begin(client, study)
    trials = client.get(f"/api/v1/studies/{study.slug}/trials/next/", {"count": 5}).json()
    for trial in trials["results"]:
        body = {"choice": "left", "response_ms": 4000}
        assert client.put(trial["judgment"], body, content_type=JSON).status_code == 201
    assert session(client, study).json()["state"] == "done"
    assert Rater.objects.get().finished_at is not None
    Study.objects.update(trials_per_rater=9)
    assert session(client, study).json()["state"] == "done"
    url = f"/api/v1/studies/{study.slug}/trials/next/"
    assert client.get(url).json()["results"] == []


def test_a_platform_without_codes_gets_the_personal_one(client: Client) -> None:
    protocol = PLAIN_WITH_LAB
    study = build_filled_study(methods=2, pictures=1, trials_per_rater=1, protocol=protocol)
    begin(client, study, platform={"slug": "lab", "participant": "a b"})
    judge_rest(client, study)
    completion_told = session(client, study).json()["completion"]
    assert find_by_code(study, completion_told["code"]) == Rater.objects.get()
    assert completion_told["url"] is None


PLAIN_WITH_LAB = recruiting(
    platforms=(Platform("lab", "pid", completion_url="https://lab.example/end?code={code}"),)
)


def test_an_invitation_lets_in_and_is_used_up(client: Client) -> None:
    study = build_filled_study(protocol=recruiting(open=False))
    token = study.invitations.create(most_raters=1).token
    assert code(begin(client, study)) == "not-invited"
    assert code(begin(client, study, invitation="unknown")) == "not-invited"
    assert begin(client, study, invitation=token).status_code == 201
    assert Rater.objects.get().invitation is not None
    for body in ({"invitation": token}, {}):
        assert begin(client, study, **body).status_code == 200
    assert code(begin(Client(), study, invitation=token)) == "invitation-used"


def test_the_rules_of_recruiting_default_to_open() -> None:
    assert Recruiting().open
    assert Recruiting().most_raters is None


def test_beginning_is_slowed_down_per_address_and_going_on_is_not(
    study: Study, settings: Settings
) -> None:
    settings.LIMITS = read_limits("begin=2/600, visit=3/600")
    first = Client()
    for client in (first, Client()):
        assert begin(client, study).status_code == 201
    refused = begin(Client(), study)
    assert (refused.status_code, refused.json()["type"]) == (429, "/api/v1/docs/#too-often")
    assert refused["Retry-After"] == "300"
    assert study.raters.count() == 2
    assert begin(Client(REMOTE_ADDR="192.0.2.9"), study).status_code == 201
    # Who is known goes on, and reloads the page as often as people do.
    assert [begin(first, study).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_member_s_team_is_kept_and_another_one_is_refused(client: Client) -> None:
    asking = replace(PLAIN, recruiting=Recruiting(own_team=True))
    study = build_filled_study(methods=3, protocol=asking)
    team = study.entries.order_by("pk")[0].submission.team
    assert code(begin(Client(), study, team="no such team")) == "invalid"
    assert begin(client, study, team=team.name).status_code == 201
    assert Rater.objects.get().own_team == team
    judge_rest(client, study)
    shown = Rater.objects.get().trials.filter(
        Q(pair__first__submission__team=team) | Q(pair__second__submission__team=team)
    )
    assert Rater.objects.get().trials.exists() and not shown.exists()


def test_who_was_away_too_long_is_told_so_with_the_other_code(client: Client) -> None:
    rules = Recruiting(platforms=(PROLIFIC,))
    protocol = replace(PLAIN, recruiting=rules, endings=Endings(away_minutes=5))
    study = build_filled_study(methods=2, pictures=1, protocol=protocol)
    begin(client, study, **sent())
    Rater.objects.update(consented_at=timezone.now() - timedelta(minutes=6))
    page = client.get(f"/api/v1/studies/{study.slug}/trials/next/").json()
    assert (page["results"], page["state"]) == ([], "ended")
    body = session(client, study).json()
    assert (body["state"], body["ending"], body["completion"]["code"]) == ("ended", "away", "S1")
    # Back by the platform's link it is the same person, and the same end.
    assert begin(Client(), study, **sent()).json()["ending"] == "away"


def test_the_end_is_told_on_any_device(client: Client) -> None:
    rules, devices = Recruiting(platforms=(PROLIFIC,)), {"least_width": 1024}
    protocol = replace(PLAIN, recruiting=rules)
    study = build_filled_study(methods=2, pictures=1, protocol=protocol, devices=devices)
    small, large = ({"facts": {"window_width": width}} for width in (360, 1366))
    assert begin(client, study, **sent(), **small).status_code == 403
    begin(client, study, **sent(), **large)
    assert begin(client, study, **sent(), **small).status_code == 403
    Rater.objects.update(finished_at=timezone.now())
    told = begin(client, study, **sent(), **small).json()
    assert told["completion"]["code"] == "C1"
    # By the platform's link on another device too.
    assert begin(Client(), study, **sent(), **small).json() == told | {"visit": 3}
