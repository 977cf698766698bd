"""A study's questionnaire in one field of the form, as the file's text has it.

Pure functions, back and forth.
"""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ratings.challenge.definitions.definition import emit_table

_HEADER = "study.questionnaire"


def question_lines(tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the tables, each under its line, as `read_questions` takes them back."""
    return "\n\n".join("\n".join(emit_table(_HEADER, table)) for table in tables)


def read_questions(text: str) -> object:
    """Return the tables that a text holds; the text itself where it holds anything else."""
    if not text:
        return None
    try:
        read = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    study = read.pop("study", None)
    if read or not isinstance(study, dict) or set(study) != {"questionnaire"}:
        return text
    return study["questionnaire"]
