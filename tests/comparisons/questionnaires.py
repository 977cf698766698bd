"""A questionnaire with a question of each kind, for tests."""

from typing import Any

from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.questionnaire.questions import Question

YES = {"value": "yes", "text": "Yes"}
NO = {"value": "no", "text": "No"}
GERMAN_YES = {"language": "de", "text": "Tragen Sie eine Brille?", "options": ["Ja", "Nein"]}
EACH_KIND: list[dict[str, Any]] = [
    {
        "slug": "glasses",
        "text": "Do you wear glasses?",
        "required": True,
        "options": [YES, NO],
        "translations": [GERMAN_YES],
    },
    {"slug": "known", "kind": "multiple", "text": "What do you know?", "options": [YES, NO]},
    {"slug": "tired", "kind": "scale", "text": "Tired?", "ends": ["not at all", "very"]},
    {"slug": "age", "kind": "number", "text": "Age?", "least": 18, "most": 120, "unit": "years"},
    {"slug": "why", "kind": "text", "text": "Why?", "when": "after", "longest": 20},
]


def read_question(**raw: Any) -> tuple[Question, list[str]]:
    """Return a row as it is read, with its problems."""
    table = TomlTable(raw, "[[study]] people: questionnaire")
    question = table.read(Question)
    table.refuse_unknown()
    return question, table.problems


def good(**raw: Any) -> Question:
    """Return a row that nothing is wrong with."""
    question, problems = read_question(**raw)
    assert problems == []
    return question
