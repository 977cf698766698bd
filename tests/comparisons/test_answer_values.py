"""Answers to questions: what is one, and what is not, against rules that are written apart."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.challenge.keys.checks import Wrong
from ratings.comparisons.questionnaire.answer_values import checked, problems
from ratings.comparisons.questionnaire.drawn_answers import drawn_answers
from ratings.comparisons.questionnaire.questions import Question
from tests.comparisons.questionnaires import EACH_KIND, good, rows

QUESTIONS = {row["slug"]: good(**row) for row in EACH_KIND}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
PLAUSIBLE = (
    st.sampled_from(["yes", "no", "maybe", ""])
    | st.lists(st.sampled_from(["yes", "no"]), max_size=3)
    | st.integers(0, 130)
)


def is_sound(slug: str, given: Any) -> bool:  # noqa: ANN401
    """Tell by a rule of the test's own whether an answer may be kept."""
    whole = isinstance(given, int | float) and not isinstance(given, bool) and given == given
    if given is None or given == "":
        return slug != "glasses"
    if slug == "glasses":
        return isinstance(given, str) and given in ("yes", "no")
    if slug == "known":
        return isinstance(given, list) and all(one in ("yes", "no") for one in given)
    if slug == "tired":
        return isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= 5
    if slug == "age":
        return whole and 18 <= given <= 120 and given == int(given)
    return (
        isinstance(given, str)
        and len(given.replace("\r\n", "\n").strip()) <= 20
        and not any(
            (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000
            for c in given.replace("\r\n", "\n").strip()
        )
    )


@given(st.sampled_from(sorted(QUESTIONS)), JSON | PLAUSIBLE)
def test_an_answer_is_kept_or_refused_as_its_question_says(slug: str, answer: Any) -> None:  # noqa: ANN401
    try:
        kept = checked(QUESTIONS[slug], answer)
    except Wrong as wrong:
        assert not is_sound(slug, answer)
        assert str(wrong).endswith(".")
        return
    assert is_sound(slug, answer)
    # What is kept can be stored, and is an answer itself.
    assert checked(QUESTIONS[slug], json.loads(json.dumps(kept))) == kept


def test_an_answer_of_several_stands_in_the_options_order_and_once() -> None:
    assert checked(QUESTIONS["known"], ["no", "yes", "no"]) == ["yes", "no"]
    assert checked(QUESTIONS["known"], []) is None


def test_a_number_has_the_decimals_that_it_may_have() -> None:
    question = good(slug="size", kind="number", text="How large?", decimals=1)
    assert checked(question, 15.6) == 15.6
    assert checked(question, 15.0) == 15
    with pytest.raises(Wrong, match="at most 1 decimals"):
        checked(question, 15.65)


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\ud800", "a\x85b"])
def test_texts_that_could_not_be_stored_or_shown_are_refused(text: str) -> None:
    with pytest.raises(Wrong, match="can't be kept"):
        checked(QUESTIONS["why"], text)


def test_markup_and_formulas_are_texts_like_others() -> None:
    for text in ("<b>&amp;</b>", "=1+1", "'; DROP--", "\N{RIGHT-TO-LEFT MARK}\N{GRINNING FACE}"):
        assert checked(QUESTIONS["why"], text) == text


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = problems(QUESTIONS, {"age": 7, "tired": "very", "colour": 1})
    assert set(wrong) == {"age", "tired", "colour", "glasses"}
    assert wrong["glasses"] == "This question needs an answer."
    assert problems(QUESTIONS, {"glasses": "yes"}) == {}
    assert problems({}, {}) == {}


def test_a_question_that_needs_an_answer_takes_no_empty_one() -> None:
    needed = Question(slug="q", text="Well?", kind=QUESTIONS["why"].kind, required=True)
    for nothing in (None, "", "  \n"):
        with pytest.raises(Wrong, match="needs an answer"):
            checked(needed, nothing)


@given(st.integers(0, 2**32), st.lists(rows(), min_size=1, max_size=5))
def test_what_simulated_raters_answer_is_an_answer(seed: int, raw: list[dict[str, Any]]) -> None:
    questions = {row["slug"]: good(**row) for row in raw}
    drawn = drawn_answers(questions.values(), np.random.default_rng(seed))
    assert problems(questions, drawn) == {}
    assert set(drawn) == set(questions)
