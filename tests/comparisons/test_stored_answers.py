"""A questionnaire in a study: defined, changed, answered once, erased, and read by other parts."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import QuestionAnswer, Rater, Study
from ratings.comparisons.questionnaire.answer_rows import ANSWER_COLUMNS, answer_rows
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.stored_answers import (
    WrongAnswers,
    answer_of,
    answers_to,
    due,
    require_answered,
    store_answers,
)
from ratings.comparisons.questionnaire.study_questions import questions_of, untranslated
from ratings.comparisons.raters.privacy import erase_rater, rater_data
from ratings.comparisons.study.public_definition import public_definition
from ratings.comparisons.study.study_tables import dump_study, fixed_in, load_studies, study_toml
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW, build_challenge, build_phase
from tests.comparisons.builders import build_filled_study, build_rater, build_study
from tests.comparisons.questionnaires import EACH_KIND

pytestmark = pytest.mark.django_db

TABLE = {"phase": "test", "slug": "people", "name": "People", "consent": "Freely."}
GIVEN = {"glasses": "yes", "known": ["yes"], "tired": 2, "age": 40}


@pytest.fixture
def challenge() -> Challenge:
    challenge = build_challenge()
    build_phase(challenge, slug="test")
    return challenge


@pytest.fixture
def rater() -> Rater:
    return build_rater(build_study(questionnaire=EACH_KIND))


def load(challenge: Challenge, **keys: Any) -> Study:
    (study,) = load_studies(challenge, [TABLE | {"languages": ["en"]} | keys])
    return study


def refused(challenge: Challenge, **keys: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        load(challenge, **keys)
    return caught.value.problems


def changed(number: int, **keys: Any) -> list[dict[str, Any]]:
    """Return the rows of EACH_KIND, one of them changed; no row has words in German."""
    rows = [{k: v for k, v in row.items() if k != "translations"} for row in EACH_KIND]
    rows[number] |= keys
    return rows


def test_a_questionnaire_is_stored_as_it_is_written_and_comes_back(challenge: Challenge) -> None:
    rows = [*changed(0), {"set": "colour-plates", "required": True}]
    study = load(challenge, questionnaire=rows)
    assert dump_study(study)["questionnaire"] == rows
    assert "\n[[study.questionnaire]]\n" in study_toml(study)
    assert "Do you wear glasses?" in public_definition(study_toml(study))
    assert len(questions_of(study)) == 11
    assert [one.slug for one in questions_of(study, When.AFTER)] == ["why"]
    study = load(challenge)
    assert "questionnaire" not in dump_study(study)


def test_rows_must_agree_with_one_another_and_with_the_study(challenge: Challenge) -> None:
    (problem,) = refused(challenge, questionnaire=[{"set": "eyes"}])
    assert "questionnaire: there is no set 'eyes'; there are: colour-plates, display" in problem
    (problem,) = refused(challenge, questionnaire=[*changed(0), {"set": "eyesight"}])
    assert problem.endswith("questionnaire: 'glasses' stands there 2 times.")
    many = [{"slug": f"q{n}", "kind": "text", "text": "?"} for n in range(301)]
    (problem,) = refused(challenge, questionnaire=many)
    assert problem.endswith("301 questions are too many; ask at most 300.")
    assert len(questions_of(load(challenge, questionnaire=many[:300]))) == 300
    (problem,) = refused(challenge, questionnaire=EACH_KIND)
    assert "questionnaire glasses: translations: 'de' is not among the study's" in problem
    (problem,) = refused(challenge, questionnaire=changed(3, colour=1))
    assert "questionnaire age: colour: this key is unknown" in problem


def test_of_a_question_with_answers_words_alone_may_change(challenge: Challenge) -> None:
    study = load(challenge, questionnaire=changed(0))
    assert fixed_in(study).keys() == {"slug"}
    store_answers(build_rater(study), When.BEFORE, GIVEN, NOW)
    assert "questionnaire glasses" in fixed_in(study)
    (problem,) = refused(challenge, questionnaire=changed(0, kind="multiple"))
    assert "questionnaire glasses: it has answers, so kind can't change; put that back" in problem
    (problem,) = refused(challenge, questionnaire=changed(3, most=99))
    assert "questionnaire age: it has answers, so most can't change" in problem
    (problem,) = refused(challenge, questionnaire=changed(0)[1:])
    assert "questionnaire glasses: it has answers, so it stays; put it back." in problem
    mended = changed(0, text="Glasses?", options=[{"value": v, "text": v} for v in ("yes", "no")])
    study = load(challenge, questionnaire=[{"set": "viewing"}, *mended[::-1]])
    assert questions_of(study)[-1].text == "Glasses?"
    # What nobody has answered yet may change.
    load(challenge, questionnaire=changed(4, longest=30))


def test_missing_words_fall_back_and_are_named() -> None:
    lacking = untranslated(questions_of(build_study(questionnaire=EACH_KIND)), ["en", "de"])
    assert lacking == {"de": ["known", "tired", "age", "why"]}


def test_a_card_is_stored_a_row_an_answer_and_the_first_stands(rater: Rater) -> None:
    assert due(rater, has_trials=False, is_done=False) is When.BEFORE
    store_answers(rater, When.BEFORE, {"glasses": "yes", "age": 40}, NOW)
    store_answers(rater, When.BEFORE, {"glasses": "no", "tired": 3}, NOW + timedelta(hours=1))
    rows = QuestionAnswer.objects.filter(rater=rater)
    assert dict(rows.values_list("question", "value")) == {
        "glasses": "yes",
        "known": None,
        "tired": None,
        "age": 40,
    }
    assert set(rows.values_list("answered_at", flat=True)) == {NOW}
    assert due(rater, has_trials=False, is_done=False) is None
    assert due(rater, has_trials=True, is_done=True) is When.AFTER


def test_nothing_is_stored_of_a_card_with_a_wrong_answer(rater: Rater) -> None:
    with pytest.raises(WrongAnswers) as caught:
        store_answers(rater, When.BEFORE, GIVEN | {"age": 7, "why": "too early"}, NOW)
    assert set(caught.value.problems) == {"age", "why"}
    assert not QuestionAnswer.objects.exists()


def test_questions_before_are_asked_until_the_first_trial_and_no_longer() -> None:
    study = build_filled_study(methods=2, pictures=1, questionnaire=EACH_KIND)
    rater = build_rater(study)
    with pytest.raises(Refused) as caught:
        require_answered(rater)
    assert caught.value.code == "questions-due"
    issue(rater, 1, NOW, np.random.default_rng(1))
    assert due(rater, has_trials=True, is_done=False) is None


def test_other_parts_read_what_was_answered(rater: Rater) -> None:
    other = build_rater(rater.study)
    store_answers(rater, When.BEFORE, GIVEN, NOW)
    store_answers(other, When.BEFORE, {"glasses": "no"}, NOW)
    assert answer_of(rater, "known") == ["yes"]
    assert answer_of(other, "age") is None
    assert answers_to(rater.study, "glasses") == {rater.pk: "yes", other.pk: "no"}
    assert answers_to(rater.study, "age") == {rater.pk: 40}


def test_rows_of_the_table_have_its_columns_and_what_is_left_out_is_empty(rater: Rater) -> None:
    store_answers(rater, When.BEFORE, GIVEN | {"known": ["no", "yes"], "tired": None}, NOW)
    store_answers(rater, When.AFTER, {"why": "=1+1"}, NOW)
    rows = list(answer_rows(rater.study))
    assert [list(row) for row in rows] == [ANSWER_COLUMNS] * 5
    assert {row["rater"] for row in rows} == {rater.pk.hex}
    told = {row["question"]: row["answer"] for row in rows}
    assert told == {"glasses": "yes", "known": "yes;no", "tired": None, "age": 40, "why": "=1+1"}
    assert [row["question"] for row in rows] == [row["slug"] for row in EACH_KIND]


def test_a_plates_digit_stands_beside_what_was_seen() -> None:
    rater = build_rater(build_study(questionnaire=[{"set": "colour-plates"}]))
    store_answers(rater, When.BEFORE, {"colour-plate-1": "3", "colour-plate-2": "6"}, NOW)
    seen = {row["question"]: (row["answer"], row["expected"]) for row in answer_rows(rater.study)}
    assert seen["colour-plate-1"] == ("3", 8)
    assert seen["colour-plate-2"] == ("6", 6)


def test_answers_are_shown_to_their_rater_and_erased_and_not_asked_again(rater: Rater) -> None:
    store_answers(rater, When.BEFORE, GIVEN, NOW)
    assert [one["value"] for one in rater_data(rater)["questionnaire"]] == ["yes", ["yes"], 2, 40]
    assert erase_rater(rater).questions == 4
    assert erase_rater(rater).questions == 0
    assert [one["value"] for one in rater_data(rater)["questionnaire"]] == [None] * 4
    assert due(rater, has_trials=False, is_done=False) is None
