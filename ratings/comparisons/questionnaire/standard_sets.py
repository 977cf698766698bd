"""Standard sets of questions: data files, each with its source and why it is asked."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ratings.challenge.keys.tables import TomlTable
from ratings.comparisons.questionnaire.questions import Question

FOLDER = Path(__file__).parent / "sets"


@dataclass(frozen=True)
class StandardSet:
    """Questions that are asked together: why, and after whom."""

    name: str
    title: str
    why: str
    source: str
    questions: tuple[Question, ...]


@cache
def standard_sets() -> Mapping[str, StandardSet]:
    """Return all standard sets by their names. Raises ValueError for one that is wrong."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def expanded(rows: Iterable[Question]) -> tuple[Question, ...]:
    """Return the questions, those of standard sets in the place of the row that names the set.

    A set that there is none of has no questions. `when` is the row's, and so is `required`.
    """
    questions: list[Question] = []
    for row in rows:
        if not row.set:
            questions.append(row)
        elif known := standard_sets().get(row.set):
            questions += [
                replace(one, when=row.when, required=row.required) for one in known.questions
            ]
    return tuple(questions)


def _read(path: Path) -> StandardSet:
    raw = tomllib.loads(path.read_text())
    shared: dict[str, Any] = raw.get("shared", {})
    problems: list[str] = []
    questions = []
    for number, row in enumerate(raw["question"], 1):
        table = TomlTable({**shared, **row}, f"{path.name}: {number}", problems)
        questions.append(table.read(Question))
        table.refuse_unknown()
    if problems:
        raise ValueError("\n".join(problems))
    return StandardSet(path.stem, raw["title"], raw["why"], raw["source"], tuple(questions))
