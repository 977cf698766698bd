"""What may be answered to a question: pure checks, the same for every way that answers come."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from ratings.challenge.keys.checks import Wrong
from ratings.comparisons.questionnaire.questions import Question, QuestionKind, limits

# A text (of an option, or typed), a number, options' values; None: left out.
Value = str | int | float | list[str] | None


def checked(question: Question, given: object) -> Value:
    """Return an answer as it is stored, None where nothing is said.

    Raises Wrong, with the mend, for what can't be an answer to this question.
    """
    value = None if given in (None, "") else _CHECKS[question.kind](question, given)
    if value is None and question.required:
        raise Wrong("This question needs an answer.")
    return value


def problems(questions: Mapping[str, Question], given: Mapping[str, object]) -> dict[str, str]:
    """Return what is wrong with answers, by the questions' slugs; those left out are looked at."""
    unknown = [slug[:50] for slug in given if slug not in questions]
    wrong = dict.fromkeys(unknown, "There is no such question here.")
    for slug, question in questions.items():
        try:
            checked(question, given.get(slug))
        except Wrong as problem:
            wrong[slug] = str(problem)
    return wrong


def _single(question: Question, given: object) -> Value:
    values = [option.value for option in question.options]
    if not isinstance(given, str) or given not in values:
        raise Wrong(f"It must be one of: {', '.join(values)}.")
    return given


def _multiple(question: Question, given: object) -> Value:
    values = [option.value for option in question.options]
    if not isinstance(given, list) or not all(one in values for one in given):
        raise Wrong(f"It must be a list of some of: {', '.join(values)}.")
    return [value for value in values if value in given] or None


def _scale(question: Question, given: object) -> Value:
    least, most = limits(question)
    if type(given) is not int or not least <= given <= most:
        raise Wrong(f"It must be a whole number from {least:g} to {most:g}.")
    return given


def _number(question: Question, given: object) -> Value:
    least, most = limits(question)
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not least <= given <= most or not math.isfinite(given):  # type: ignore[operator,arg-type]
        raise Wrong(f"It must be a number from {least:g} to {most:g}.")
    number: Any = given
    if round(number, question.decimals) != number:
        raise Wrong(f"It may have at most {question.decimals} decimals.")
    return int(number) if number == int(number) else float(number)


def _text(question: Question, given: object) -> Value:
    if not isinstance(given, str):
        raise Wrong("It must be a text.")
    text = given.replace("\r\n", "\n").strip()
    if len(text) > question.longest:
        raise Wrong(f"It may have at most {question.longest} characters.")
    if has_controls(text):
        raise Wrong("It holds characters that can't be kept; take them out.")
    return text or None


def has_controls(text: str) -> bool:
    """Tell whether a text holds controls, but for lines and tabs, or halves of characters.

    Blanks of other scripts, and what joins letters or emoji, people do type.
    """
    return any(
        (code < 32 and code not in (9, 10)) or 127 <= code < 160 or 0xD800 <= code < 0xE000
        for code in map(ord, text)
    )


_CHECKS: Mapping[QuestionKind, Callable[[Question, object], Value]] = {
    QuestionKind.SINGLE: _single,
    QuestionKind.MULTIPLE: _multiple,
    QuestionKind.SCALE: _scale,
    QuestionKind.NUMBER: _number,
    QuestionKind.TEXT: _text,
}
