"""The desk's page of what raters answered to the questionnaire: a distribution a question."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ratings.comparisons.models import QuestionAnswer, Study
from ratings.comparisons.questionnaire.answer_values import Value
from ratings.comparisons.questionnaire.questions import Question, QuestionKind
from ratings.comparisons.questionnaire.study_questions import questions_of, untranslated
from ratings.web.desk.home.desk_home import desk_studies
from ratings.web.desk.parts.desk_charts import Bin, binned, histogram
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.words.formatting import percent

COLUMNS = 12
# The CSV has all of them.
MOST_TEXTS = 100


@dataclass(frozen=True)
class AnswerLine:
    """How many raters gave one answer, and their share of those who answered."""

    words: str
    count: int
    share: str
    percent: float
    is_expected: bool = False


@dataclass(frozen=True)
class NumberSpread:
    """How numbers are spread, as columns and as the same figures."""

    chart: Svg
    bins: Sequence[Bin]
    median: str


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question with what was answered: lines, or a spread of numbers, or texts."""

    question: Question
    answered: int
    left_out: int
    lines: Sequence[AnswerLine] = ()
    spread: NumberSpread | None = None
    texts: Sequence[str] = ()


@desk_page
@require_safe
def answers(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the questions of a study, each with how it was answered; simulated raters left out."""
    study = get_object_or_404(desk_studies(), slug=slug)
    questions = questions_of(study)
    given = _given(study)
    page = {
        "study": study,
        "answered": [_answered(one, given.get(one.slug, [])) for one in questions],
        "untranslated": untranslated(questions, study.protocol.languages),
        "simulated": _of(study, simulated=True).values("rater").distinct().count(),
        "most_texts": MOST_TEXTS,
    }
    return render(request, "desk/answers.html", page)


def _of(study: Study, *, simulated: bool) -> QuerySet[QuestionAnswer]:
    return QuestionAnswer.objects.filter(rater__study=study, rater__simulated=simulated)


def _given(study: Study) -> Mapping[str, list[Value]]:
    given: dict[str, list[Value]] = {}
    rows = _of(study, simulated=False).order_by("-answered_at", "-pk")
    for question, value in rows.values_list("question", "value"):
        given.setdefault(question, []).append(value)
    return given


def _answered(question: Question, values: Sequence[Value]) -> AnsweredQuestion:
    said = [value for value in values if value is not None]
    counts = len(said), len(values) - len(said)
    if question.kind is QuestionKind.TEXT:
        return AnsweredQuestion(question, *counts, texts=[str(one) for one in said[:MOST_TEXTS]])
    if question.kind is QuestionKind.NUMBER:
        numbers = [float(one) for one in said if isinstance(one, int | float)]
        return AnsweredQuestion(question, *counts, spread=_spread(numbers) if numbers else None)
    return AnsweredQuestion(question, *counts, lines=_lines(question, said))


def _lines(question: Question, said: Sequence[Value]) -> list[AnswerLine]:
    tally = Counter(
        one for value in said for one in (value if isinstance(value, list) else [value])
    )
    words: dict[str | int, str] = {option.value: option.text for option in question.options}
    if question.kind is QuestionKind.SCALE:
        words = _steps(question)
    expected = str(question.plate.digit) if question.plate else None
    return [
        AnswerLine(
            text,
            tally[value],
            percent(tally[value] / len(said)) if said else "",
            round(100 * tally[value] / len(said), 1) if said else 0.0,
            value == expected,
        )
        for value, text in words.items()
    ]


def _steps(question: Question) -> dict[str | int, str]:
    steps = question.steps
    words: dict[str | int, str] = {step: str(step) for step in steps}
    if question.ends:
        words |= {
            step: f"{step}, {end}"
            for step, end in zip((steps[0], steps[-1]), question.ends, strict=True)
        }
    return words


def _spread(numbers: Sequence[float]) -> NumberSpread:
    low, high = min(numbers), max(numbers)
    bins = binned(numbers, low, high if high > low else low + 1, COLUMNS)
    middle = sorted(numbers)[len(numbers) // 2]
    return NumberSpread(histogram(bins, [], "raters"), bins, f"{middle:g}")
