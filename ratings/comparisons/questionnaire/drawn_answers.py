"""Answers of simulated raters to a questionnaire: drawn by chance, and sound."""

import math
from collections.abc import Iterable

import numpy as np

from ratings.comparisons.questionnaire.answer_values import Value
from ratings.comparisons.questionnaire.questions import Question, QuestionKind, limits

# How often a question is left out that may be; and how far from its least value a number lies,
# where its limits are farther apart.
LEFT_OUT = 0.1
USUAL_SPAN = 100
SAID = "A simulated rater wrote this."


def drawn_answers(questions: Iterable[Question], rng: np.random.Generator) -> dict[str, Value]:
    """Return an answer to each question, by its slug, None where it is left out.

    Options, steps and numbers are drawn alike; a plate is read rightly.
    """
    return {
        one.slug: None if not one.required and rng.random() < LEFT_OUT else _drawn(one, rng)
        for one in questions
    }


def _drawn(question: Question, rng: np.random.Generator) -> Value:
    values = [option.value for option in question.options]
    if question.kind is QuestionKind.TEXT:
        return SAID[: question.longest].strip()
    if question.kind is QuestionKind.MULTIPLE:
        return [value for value in values if rng.random() < 0.5] or values[:1]
    if question.kind is QuestionKind.SINGLE:
        seen = str(question.plate.digit) if question.plate else ""
        return seen if seen in values else values[int(rng.integers(len(values)))]
    least, most = limits(question)
    if question.kind is QuestionKind.SCALE:
        return int(rng.integers(int(least), int(most), endpoint=True))
    start = max(least, min(0.0, most - USUAL_SPAN))
    parts = 10**question.decimals
    first, last = math.ceil(start * parts), math.floor(min(most, start + USUAL_SPAN) * parts)
    drawn = int(rng.integers(first, last, endpoint=True))
    return float(round(drawn / parts, question.decimals))
