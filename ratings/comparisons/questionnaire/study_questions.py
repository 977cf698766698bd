"""A study's questionnaire: its rows in the file, checked together, and the questions they make."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ratings.challenge.keys.tables import TomlTable, keys_of, written
from ratings.comparisons.ending_rules import QUESTION
from ratings.comparisons.models import QuestionAnswer, Study
from ratings.comparisons.questionnaire.questions import MOST_QUESTIONS, Question, QuestionKind, When
from ratings.comparisons.questionnaire.standard_sets import expanded, standard_sets

KEY = "questionnaire"
# What an answer means follows from these: fixed once there is one. Words may be mended.
MEASURING = ("when", "kind", "options", "least", "most", "decimals", "plate")


@dataclass(frozen=True)
class _Rows:
    questionnaire: tuple[Question, ...] = ()


def questions_of(study: Study, when: When | None = None) -> tuple[Question, ...]:
    """Return a study's questions in their order: all of them, or those of one moment."""
    questions = _parsed(json.dumps(study.questionnaire))
    return tuple(one for one in questions if when in (None, one.when))


@lru_cache(maxsize=64)
def _parsed(rows: str) -> tuple[Question, ...]:
    return expanded(TomlTable({KEY: json.loads(rows)}, "").read(_Rows).questionnaire)


def rows_as_json(rows: Iterable[Question]) -> list[dict[str, Any]]:
    """Return rows as the file has them, what is left out or as usual left out."""
    usual = {key.name: key.default for key in keys_of(Question)}
    return [
        {
            name: _bare(value)
            for name, value in written(row).items()
            if value not in ([], "") and value != usual[name]
        }
        for row in rows
    ]


def _bare(value: Any) -> Any:  # noqa: ANN401
    """Return a value without what says nothing in the tables below it."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if isinstance(value, dict):
        return {name: _bare(one) for name, one in value.items() if one not in ([], "")}
    return value


def check_rows(table: TomlTable, rows: Sequence[Question]) -> None:
    """Note what rows say against one another: sets there are none of, slugs twice, too many."""
    for row in rows:
        if row.set and row.set not in standard_sets():
            table.note(
                KEY, f"there is no set {row.set!r}; there are: {', '.join(standard_sets())}."
            )
    questions = expanded(rows)
    table.refuse_repeated(KEY, [one.slug for one in questions if one.slug])
    if len(questions) > MOST_QUESTIONS:
        table.note(KEY, f"{len(questions)} questions are too many; ask at most {MOST_QUESTIONS}.")


def language_problems(fields: Mapping[str, Any]) -> list[str]:
    """Return which rows are translated to what is no language of the study after its first.

    `fields` are the model's.
    """
    rows, languages = fields[KEY], fields["protocol_json"]["languages"]
    return [
        f"{KEY} {row.get('slug')}: translations: {one['language']!r} is not among the study's "
        "languages after the first."
        for row in rows
        for one in row.get("translations", [])
        if one["language"] not in languages[1:]
    ]


def quota_problems(fields: Mapping[str, Any]) -> list[str]:
    """Return which quotas count answers that nobody can give before they judge.

    `fields` are the model's.
    """
    asked = {one.slug: one for one in _parsed(json.dumps(fields[KEY])) if one.when is When.BEFORE}
    problems = []
    for quota in fields["protocol_json"]["recruiting"].get("quotas") or ():
        if not quota["attribute"].startswith(QUESTION):
            continue
        question = asked.get(quota["attribute"].removeprefix(QUESTION))
        where = f"recruiting: quotas: {quota['attribute']}: "
        if question is None or question.kind is not QuestionKind.SINGLE:
            problems.append(f"{where}it must be a question with single answers, asked before.")
        elif quota["value"] not in (values := [option.value for option in question.options]):
            problems.append(f"{where}{quota['value']!r} is none of: {', '.join(values)}.")
    return problems


def untranslated(questions: Iterable[Question], languages: Sequence[str]) -> dict[str, list[str]]:
    """Return which questions have no words in a language after the first, by language."""
    asked = list(questions)
    lacking = {
        code: [one.slug for one in asked if not one.has_words_in(code)] for code in languages[1:]
    }
    return {code: slugs for code, slugs in lacking.items() if slugs}


def answered_questions(study: Study) -> set[str]:
    """Return the slugs of questions that somebody has answered, or left out."""
    rows = QuestionAnswer.objects.filter(rater__study=study).values_list("question", flat=True)
    return set(rows.distinct())


def change_problems(study: Study, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what would change of questions that were answered under what stands now."""
    before = {one.slug: one for one in questions_of(study)}
    after = {one.slug: one for one in _parsed(json.dumps(list(rows)))}
    if before == after:
        return []
    return [
        line
        for slug in sorted(answered_questions(study).intersection(before))
        if (line := _changed(before[slug], after.get(slug)))
    ]


def _changed(before: Question, after: Question | None) -> str:
    where = f"{KEY} {before.slug}: "
    if after is None:
        return f"{where}it has answers, so it stays; put it back."
    changed = [key for key in MEASURING if _meaning(before, key) != _meaning(after, key)]
    if not changed:
        return ""
    return (
        f"{where}it has answers, so {', '.join(changed)} can't change; put that back, or ask under "
        "another slug."
    )


def _meaning(question: Question, key: str) -> object:
    """Return what of a key an answer's meaning follows from: of options, the values alone."""
    value = getattr(question, key)
    return [option.value for option in value] if key == "options" else value
