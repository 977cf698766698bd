"""The questionnaire as the rating page shows it: a card before, a card after, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from ratings.comparisons.models import Study
from ratings.comparisons.questionnaire.questions import (
    Question,
    QuestionKind,
    When,
)
from ratings.comparisons.questionnaire.study_questions import questions_of

# Short answers stand beside each other, in a row that wraps.
_SHORT = 14


@dataclass(frozen=True)
class ShownQuestion:
    """One question in the page's language, or (`language`) in the study's first one.

    `steps` are a scale's; `least` and `most` are what a number may be, "" where all is possible.
    """

    question: Question
    language: str
    steps: Sequence[int]
    least: str
    most: str
    plate: str

    @property
    def is_short(self) -> bool:
        """Whether its options fit into a row."""
        return all(len(option.text) <= _SHORT for option in self.question.options)

    @property
    def step(self) -> str:
        """The least difference between two numbers that may be answered."""
        decimals = self.question.decimals
        return f"0.{'0' * (decimals - 1)}1" if decimals else "1"

    @property
    def is_long(self) -> bool:
        """Whether its text takes more than a line."""
        return self.question.longest > 100


@dataclass(frozen=True)
class QuestionCard:
    """One card: the state of the page that shows it, and its questions."""

    when: When
    questions: Sequence[ShownQuestion]

    @property
    def state(self) -> str:
        """The page's state in which it is shown."""
        return f"questions-{self.when}"


def question_cards(study: Study, language: str) -> list[QuestionCard]:
    """Return the cards that have questions."""
    cards = [
        QuestionCard(when, [_shown(study, one, language) for one in questions_of(study, when)])
        for when in When
    ]
    return [card for card in cards if card.questions]


def _shown(study: Study, question: Question, language: str) -> ShownQuestion:
    first = study.protocol.languages[0]
    known = language == first or question.has_words_in(language)
    is_scale = question.kind is QuestionKind.SCALE
    return ShownQuestion(
        question.worded(language),
        language if known else first,
        question.steps if is_scale else (),
        _said(question.least),
        _said(question.most),
        reverse("web:plate", args=[study.slug, question.slug]) if question.plate else "",
    )


def _said(limit: float | None) -> str:
    return "" if limit is None else f"{limit:.6f}".rstrip("0").rstrip(".")
