"""A questionnaire with a question of each kind, for tests."""

from typing import Any

from hypothesis import strategies as st

from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.questionnaire.questions import Question, QuestionKind, When

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)
SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
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


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a row that a file may hold."""
    kind = draw(st.sampled_from(QuestionKind))
    row: dict[str, Any] = {
        "slug": draw(SLUGS),
        "kind": kind.value,
        "text": draw(WORDS),
        "when": draw(st.sampled_from(When)).value,
        "required": draw(st.booleans()),
        "help": draw(WORDS),
    }
    if kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        values = draw(st.lists(SLUGS, min_size=2, max_size=5, unique=True))
        row["options"] = [{"value": value, "text": draw(WORDS)} for value in values]
    if kind is QuestionKind.SCALE:
        row["least"] = draw(st.integers(-5, 5))
        row["most"] = row["least"] + draw(st.integers(1, 10))
        row["ends"] = draw(st.sampled_from([[], ["none", "all"]]))
    if kind is QuestionKind.NUMBER:
        row |= {"least": draw(st.integers(-9, 0)), "most": 9.5, "decimals": 1, "unit": "cm"}
    if kind is QuestionKind.TEXT:
        row["longest"] = draw(st.integers(1, 2000))
    return row
