"""Raters' answers to the questionnaire: which are due, stored once, and read."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import lock_rater, locking
from ratings.comparisons.models import QuestionAnswer, Rater, Study
from ratings.comparisons.questionnaire.answer_values import Value, checked, problems
from ratings.comparisons.questionnaire.questions import When
from ratings.comparisons.questionnaire.study_questions import questions_of


class WrongAnswers(Exception):
    """Answers that can't be taken; `problems` has what is wrong, by the questions' slugs."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


def due(rater: Rater, *, has_trials: bool, is_done: bool) -> When | None:
    """Return which questions a rater is to answer now, if any.

    Those before come before the first trial is issued, those after when the session is done. Who
    has been shown a question has an answer to it on record, if only that they left it out.
    """
    when = moment(has_trials=has_trials, is_done=is_done)
    slugs = [one.slug for one in questions_of(rater.study, when)] if when else []
    if not slugs:
        return None
    stored = QuestionAnswer.objects.filter(rater=rater, question__in=slugs).count()
    return when if stored < len(slugs) else None


def moment(*, has_trials: bool, is_done: bool) -> When | None:
    """Return whose turn it is: that of the questions before, after, or of none."""
    if is_done:
        return When.AFTER
    return None if has_trials else When.BEFORE


def store_answers(rater: Rater, when: When, given: Mapping[str, object], now: datetime) -> None:
    """Store a card's answers, a row each; harmless to repeat.

    A question that is left out is stored as None. What is stored already stands, whatever is given
    now; of a rater who withdrew nothing is stored. Raises WrongAnswers, and stores nothing then.
    """
    questions = {one.slug: one for one in questions_of(rater.study, when)}
    if wrong := problems(questions, given):
        raise WrongAnswers(wrong)
    rows = [
        QuestionAnswer(
            rater=rater, question=slug, value=checked(one, given.get(slug)), answered_at=now
        )
        for slug, one in questions.items()
    ]
    with locking():
        if lock_rater(rater.pk).withdrawn_at is None:
            QuestionAnswer.objects.bulk_create(rows, ignore_conflicts=True)


def answer_of(rater: Rater, question: str) -> Value:
    """Return what a rater answered to a question; None where they didn't, or left it out."""
    rows = QuestionAnswer.objects.filter(rater=rater, question=question)
    value: Value = rows.values_list("value", flat=True).first()
    return value


def answers_to(study: Study, question: str) -> dict[UUID, Value]:
    """Return what each rater of a study answered to a question; who left it out is not there."""
    rows = QuestionAnswer.objects.filter(rater__study=study, question=question, value__isnull=False)
    return dict(rows.values_list("rater", "value"))


def erase_answers(rater: Rater) -> int:
    """Erase what a rater answered, and return how much that was; that they were asked stays."""
    rows = QuestionAnswer.objects.filter(rater=rater, value__isnull=False)
    return rows.update(value=None)


def require_answered(rater: Rater) -> None:
    """Raise Refused, code "questions-due", for who has no trials yet and is to answer before."""
    if due(rater, has_trials=False, is_done=False):
        raise Refused("questions-due", "Answer the questions before the first trial.")
