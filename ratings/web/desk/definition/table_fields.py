"""Tables below a table in one field of the form, as the file's text has them.

Pure functions, back and forth.
"""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ratings.challenge.definitions.definition import emit_table


def table_lines(header: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the tables, each under its line, as `read_tables` takes them back.

    `header` is what stands in that line, such as "study.questionnaire".
    """
    return "\n\n".join("\n".join(emit_table(header, table)) for table in tables)


def read_tables(header: str, text: str) -> object:
    """Return the tables that a text holds; the text itself where it holds anything else."""
    if not text:
        return None
    try:
        read: object = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError):
        return text
    for name in header.split("."):
        if not isinstance(read, dict) or set(read) != {name}:
            return text
        read = read[name]
    return read
