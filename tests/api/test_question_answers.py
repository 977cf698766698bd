"""The questionnaire over HTTP: asked before the first trial and before the code; exported."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.comparisons.ending_rules import RaterQuota
from ratings.comparisons.models import QuestionAnswer, Rater, Study
from ratings.jobs.rater_actions import withdraw_rater
from tests.api.conftest import details
from tests.api.sessions import JSON, begin, session
from tests.comparisons.builders import PLAIN, build_filled_study
from tests.comparisons.questionnaires import EACH_KIND

pytestmark = pytest.mark.django_db

GIVEN = {"glasses": "yes", "known": ["no"], "tired": 5, "age": 18}


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=2, pictures=1, trials_per_rater=1, questionnaire=EACH_KIND)


def put(client: Client, study: Study, when: str, answers: object) -> Any:  # noqa: ANN401
    url = f"/api/v1/studies/{study.slug}/session/answers/"
    return client.put(url, {"when": when, "answers": answers}, content_type=JSON)


def trials(client: Client, study: Study) -> Any:  # noqa: ANN401
    return client.get(f"/api/v1/studies/{study.slug}/trials/next/")


def code(answer: Any) -> str:  # noqa: ANN401
    return str(answer.json()["type"].rpartition("#")[2])


def test_questions_come_before_trials_and_before_the_code(client: Client, study: Study) -> None:
    assert code(put(client, study, "before", GIVEN)) == "no-rater"
    assert begin(client, study).json()["questions_due"] == "before"
    refused = trials(client, study)
    assert (refused.status_code, code(refused)) == (409, "questions-due")
    told = put(client, study, "before", GIVEN)
    assert (told.status_code, told.json()["questions_due"]) == (200, None)
    (trial,) = trials(client, study).json()["results"]
    body = {"choice": "left", "response_ms": 4000, "attempt": 1}
    assert client.put(trial["judgment"], body, content_type=JSON).status_code == 201
    told = session(client, study).json()
    assert (told["state"], told["questions_due"], told["completion"]) == ("done", "after", None)
    told = put(client, study, "after", {}).json()
    assert told["questions_due"] is None
    assert told["completion"]["code"]
    assert session(client, study).json()["completion"] == told["completion"]


def test_who_answers_that_they_are_of_a_full_kind_is_ended(client: Client) -> None:
    quota = RaterQuota("question.glasses", "yes", 0)
    protocol = replace(PLAIN, recruiting=replace(PLAIN.recruiting, quotas=(quota,)))
    study = build_filled_study(
        methods=2, pictures=1, trials_per_rater=1, questionnaire=EACH_KIND, protocol=protocol
    )
    begin(client, study)
    told = put(client, study, "before", GIVEN).json()
    assert (told["state"], told["ending"]) == ("ended", "full")
    assert put(client, study, "before", GIVEN).json() == told
    client.cookies.clear()
    begin(client, study)
    assert put(client, study, "before", GIVEN | {"glasses": "no"}).json()["state"] == "judging"


def test_nobody_is_asked_whose_session_is_over_or_never_begins(
    client: Client, study: Study
) -> None:
    begin(client, study)
    rater = Rater.objects.get()
    Study.objects.update(is_open=False)
    assert session(client, study).json()["questions_due"] is None
    Study.objects.update(is_open=True)
    Rater.objects.update(ending=Rater.Ending.AWAY)
    told = session(client, study).json()
    assert (told["state"], told["questions_due"]) == ("ended", None)
    assert trials(client, study).json()["state"] == "ended"
    withdraw_rater(rater, timezone.now())
    # From another window, which was open meanwhile.
    told = put(client, study, "before", GIVEN)
    assert (told.status_code, told.json()["state"]) == (200, "withdrawn")
    assert told.json()["questions_due"] is None
    assert not QuestionAnswer.objects.exists()


def test_the_same_answers_again_change_nothing(client: Client, study: Study) -> None:
    begin(client, study)
    assert put(client, study, "before", GIVEN).status_code == 200
    stored = list(QuestionAnswer.objects.order_by("pk").values())
    assert put(client, study, "before", GIVEN | {"glasses": "no"}).status_code == 200
    assert list(QuestionAnswer.objects.order_by("pk").values()) == stored


@pytest.mark.parametrize(
    ("when", "answers", "question"),
    [
        ("before", {}, "glasses"),
        ("before", GIVEN | {"age": "old"}, "age"),
        ("before", GIVEN | {"why": "x"}, "why"),
        ("before", GIVEN | {"known": [[1]]}, "known"),
        ("before", GIVEN | {"age": 10**400}, "age"),
        ("after", {"why": "x" * 21}, "why"),
        ("after", {"why": "a\x00b"}, "why"),
        ("after", {"why": "\ud800"}, "why"),
    ],
)
def test_what_is_wrong_is_named_by_its_question_and_nothing_is_stored(
    client: Client, study: Study, when: str, answers: object, question: str
) -> None:
    begin(client, study)
    refused = put(client, study, when, answers)
    assert (refused.status_code, code(refused)) == (422, "answers")
    (line,) = details(refused)
    assert line.startswith(f"{question}: ")
    assert not QuestionAnswer.objects.exists()


@pytest.mark.parametrize(
    ("when", "answers", "pointer"),
    [
        ("between", {}, "#/when"),
        ("before", [], "#/answers"),
        ("before", {f"q{n}": 1 for n in range(301)}, "#/answers"),
    ],
)
def test_what_is_no_card_of_answers_is_refused(
    client: Client, study: Study, when: str, answers: object, pointer: str
) -> None:
    begin(client, study)
    refused = put(client, study, when, answers)
    assert (refused.status_code, code(refused)) == (400, "invalid")
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]


def test_a_study_without_questions_asks_none(client: Client) -> None:
    study = build_filled_study(methods=2, pictures=1)
    assert begin(client, study).json()["questions_due"] is None
    assert trials(client, study).status_code == 200
    assert put(client, study, "before", {}).status_code == 200


def test_answers_are_for_organizers_and_texts_are_no_formulas(
    client: Client, admin_client: Client, study: Study
) -> None:
    begin(client, study)
    put(client, study, "before", GIVEN)
    put(client, study, "after", {"why": '=HYPERLINK("x")'})
    url = f"/api/v1/studies/{study.slug}/answers/"
    assert client.get(url).status_code == 401
    rows = admin_client.get(url).json()["results"]
    rater = Rater.objects.get()
    assert {row["rater"] for row in rows} == {rater.pk.hex}
    assert {row["question"]: row["answer"] for row in rows} == {
        "glasses": "yes",
        "known": "no",
        "tired": 5,
        "age": 18,
        "why": '=HYPERLINK("x")',
    }
    file = admin_client.get(f"{url}?format=csv").content.decode()
    told = {row["question"]: row["answer"] for row in csv.DictReader(io.StringIO(file))}
    assert told["why"] == '\'=HYPERLINK("x")'
    judged = admin_client.get(f"/api/v1/studies/{study.slug}/judgments/?format=csv")
    assert b"HYPERLINK" not in b"".join(judged)


def test_a_device_that_the_study_leaves_out_is_told_what_to_change(client: Client) -> None:
    rules = {"least_width": 1024, "phones": False, "browsers": ["chrome 150"]}
    study = build_filled_study(methods=2, pictures=1, devices=rules)
    phone = {"window_width": 390, "screen_width": 390, "screen_height": 844}
    refused = begin(client, study, facts=phone)
    assert (refused.status_code, code(refused)) == (403, "device-unfit")
    assert details(refused) == [
        "phone: Use a computer or a tablet.",
        "width: Make the window wider, or the page's zoom smaller.",
    ]
    assert not Rater.objects.exists()
    assert begin(client, study, facts={"window_width": 1366}).status_code == 201


def test_the_preview_asks_and_stores_nothing(client: Client, study: Study) -> None:
    client.force_login(User.objects.create_superuser("organizer"))
    base = f"/api/v1/studies/{study.slug}/preview/"
    assert client.post(f"{base}raters/").json()["questions_due"] == "before"
    url = f"{base}session/answers/"
    wrong = client.put(url, {"when": "before", "answers": {}}, content_type=JSON)
    assert wrong.status_code == 422
    body = {"when": "before", "answers": GIVEN}
    assert client.put(url, body, content_type=JSON).json()["questions_due"] is None
    assert not QuestionAnswer.objects.exists()
    client.post(f"{base}raters/?at=last")
    number = client.get(f"{base}session/").json()["total"]
    client.put(f"{base}trials/0/{number}/judgment/", {"choice": "left"}, content_type=JSON)
    told = client.get(f"{base}session/").json()
    assert (told["state"], told["questions_due"], told["completion"]) == ("done", "after", None)
    body = {"when": "after", "answers": {}}
    assert client.put(url, body, content_type=JSON).json()["completion"]["code"]
