"""Questions of a definition: what is wrong is named, what is right comes back as it was."""

import tomllib
from typing import Any

import pytest
from hypothesis import given

from ratings.challenge.definitions.definition import emit_table
from ratings.comparisons.questionnaire.questions import (
    MOST_OPTIONS,
    Question,
    When,
)
from ratings.comparisons.questionnaire.standard_sets import expanded, standard_sets
from ratings.comparisons.questionnaire.study_questions import quota_problems, rows_as_json
from tests.comparisons.questionnaires import EACH_KIND, NO, YES, good, read_question, rows

ASKED = {"slug": "q", "text": "Well?"}


@given(rows())
def test_a_sound_row_comes_back_from_what_is_stored_and_from_the_file(row: dict[str, Any]) -> None:
    question = good(**row)
    (stored,) = rows_as_json([question])
    assert good(**stored) == question
    (written,) = tomllib.loads("\n".join(emit_table("questionnaire", stored)))["questionnaire"]
    assert good(**written) == question


def test_what_is_left_out_is_not_written() -> None:
    assert rows_as_json([good(set="display")]) == [{"set": "display"}]
    (row,) = rows_as_json([good(**ASKED, options=[YES, NO])])
    assert row == {**ASKED, "options": [YES, NO]}


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({}, "slug: it is missing; write it, or name a standard set."),
        ({"slug": "q"}, "text: it is missing; write it, or name a standard set."),
        ({"slug": "a b"}, "slug: 'a b' must be 1 to 50 letters, digits, - or _."),
        ({**ASKED, "kind": "radio"}, "kind: 'radio' must be one of: single, multiple, scale, "),
        ({**ASKED, "when": "between"}, "when: 'between' must be one of: before, after."),
        ({**ASKED}, "options: name 2 to 50 of them, such as [{ value = "),
        ({**ASKED, "options": [YES]}, "options: name 2 to 50 of them"),
        ({**ASKED, "options": [YES, YES]}, "options: 'yes' stands there 2 times."),
        (
            {**ASKED, "options": [{"value": str(n), "text": "x"} for n in range(MOST_OPTIONS + 1)]},
            "options: name 2 to 50 of them",
        ),
        ({**ASKED, "kind": "text", "options": [YES, NO]}, "options: only kind single and multiple"),
        ({**ASKED, "kind": "text", "least": 2}, "least: only kind scale and number has it; "),
        ({**ASKED, "kind": "scale", "least": 5}, "most: it must be more than the least, 5."),
        ({**ASKED, "kind": "scale", "most": 12}, "most: a scale has 2 to 11 whole steps"),
        ({**ASKED, "kind": "scale", "most": 2.5}, "most: a scale has 2 to 11 whole steps"),
        ({**ASKED, "kind": "scale", "ends": ["no"]}, "ends: say what both ends are, such as "),
        ({**ASKED, "kind": "number", "least": 3, "most": 2}, "most: it must be more than the "),
        (
            {**ASKED, "kind": "number", "least": 0.2, "most": 0.4},
            "decimals: no number from least to most has so few; allow more.",
        ),
        ({**ASKED, "kind": "number", "least": True}, "least: it must be a number from "),
        ({**ASKED, "kind": "text", "longest": 0}, "longest: it must be a whole number from 1 to "),
        ({**ASKED, "kind": "text", "colour": 1}, "colour: this key is unknown; known are: "),
        ({"set": "display", "text": "x"}, "text: a standard set brings it; leave it out."),
        (
            {**ASKED, "options": [YES, NO], "translations": [
                {"language": "de", "text": "Nun?", "options": ["Ja"]}]},
            "translations: de: options: write all 2, or none.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_mend(raw: dict[str, Any], problem: str) -> None:
    _, problems = read_question(**raw)
    assert any(problem in line for line in problems), problems


def test_words_of_a_language_stand_in_for_those_of_the_first_and_fall_back() -> None:
    glasses, tired = good(**EACH_KIND[0]), good(**EACH_KIND[2])
    german = glasses.worded("de")
    assert (german.text, [option.text for option in german.options]) == (
        "Tragen Sie eine Brille?",
        ["Ja", "Nein"],
    )
    assert [option.value for option in german.options] == ["yes", "no"]
    assert tired.worded("de") == tired


def test_a_row_that_names_a_set_stands_for_all_its_questions() -> None:
    row = good(set="viewing", when="after", required=True)
    questions = expanded([good(**EACH_KIND[0]), row])
    assert [one.slug for one in questions] == ["glasses", "viewing-distance", "viewing-light"]
    assert {(one.when, one.required) for one in questions[1:]} == {(When.AFTER, True)}
    assert expanded([good(set="none-such")]) == ()


def test_standard_sets_say_why_and_after_whom_in_every_language_and_share_no_slug() -> None:
    slugs = [one.slug for known in standard_sets().values() for one in known.questions]
    assert len(slugs) == len(set(slugs))
    for known in standard_sets().values():
        assert known.title and known.why and known.source and known.questions
        for one in known.questions:
            german = one.worded("de")
            assert german.text != one.text, one.slug
            assert len(german.options) == len(one.options)


def test_plates_can_be_passed_on_and_hold_a_digit_that_can_be_chosen() -> None:
    plates = standard_sets()["colour-plates"].questions
    for one in plates:
        values = [option.value for option in one.options]
        assert one.plate and str(one.plate.digit) in values
        assert {"nothing", "pass"} < set(values)
        assert "no diagnosis" in one.help
    assert len({one.plate for one in plates}) == len(plates)


def test_a_question_is_a_value() -> None:
    assert hash(Question()) == hash(Question())


@pytest.mark.parametrize(
    ("attribute", "value", "problem"),
    [
        ("question.glasses", "yes", None),
        ("language", "xx", None),
        ("question.glasses", "maybe", "'maybe' is none of: yes, no."),
        ("question.age", "30", "it must be a question with single answers, asked before."),
        ("question.why", "x", "it must be a question with single answers, asked before."),
        ("question.none", "x", "it must be a question with single answers, asked before."),
    ],
)
def test_quotas_count_answers_that_can_be_given_before(
    attribute: str, value: str, problem: str | None
) -> None:
    quota = {"attribute": attribute, "value": value, "most_raters": 1}
    recruiting = {"recruiting": {"quotas": [quota]}}
    wrong = quota_problems({"questionnaire": EACH_KIND, "protocol_json": recruiting})
    assert wrong == ([f"recruiting: quotas: {attribute}: {problem}"] if problem else [])
