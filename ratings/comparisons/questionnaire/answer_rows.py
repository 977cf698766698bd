"""The answers to a questionnaire as a table: the one definition of its columns."""

from collections.abc import Iterator
from typing import Any

from ratings.comparisons.models import QuestionAnswer, Study
from ratings.comparisons.questionnaire.study_questions import questions_of

# An option's `value` stands for it; several are joined by semicolons, which no value holds.
ANSWER_COLUMNS = [
    *("rater", "simulated", "question", "when", "kind", "answer", "expected", "answered_at"),
]


def answer_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row an answer, with `ANSWER_COLUMNS`: by rater, in the questionnaire's order.

    `rater` is the random identifier that judgments have. `answer` is None where the question was
    left out, or the answer erased; `expected` is the digit of a colour plate, None elsewhere.
    """
    questions = questions_of(study)
    places = {one.slug: place for place, one in enumerate(questions)}
    rows = QuestionAnswer.objects.filter(rater__study=study, question__in=places)
    kept = rows.select_related("rater").order_by("rater__consented_at", "rater_id")
    for row in sorted(kept, key=lambda one: _order(one, places)):
        question = questions[places[row.question]]
        yield {
            "rater": row.rater_id.hex,
            "simulated": row.rater.simulated,
            "question": row.question,
            "when": question.when.value,
            "kind": question.kind.value,
            "answer": ";".join(row.value) if isinstance(row.value, list) else row.value,
            "expected": question.plate.digit if question.plate else None,
            "answered_at": row.answered_at.isoformat(),
        }


def _order(row: QuestionAnswer, places: dict[str, int]) -> tuple[Any, ...]:
    return row.rater.consented_at, row.rater_id, places[row.question]
