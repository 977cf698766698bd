"""A definition as a form: filled in from its tables, and what is sent back.

Pure functions between a definition's tables, as TOML reads them, and the fields of a form. Keys
that no form has, such as a study's crops, are left as they are: the text beside the form has them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ratings.challenge.definitions.changes import is_tables
from ratings.web.desk.definition.definition_keys import (
    SECTIONS,
    TABLES,
    Section,
    usual,
)
from ratings.web.desk.definition.environment_fields import environment_lines, read_environments
from ratings.web.desk.definition.form_keys import FormKey, Kind
from ratings.web.desk.definition.scene_fields import read_scene_lines, scene_lines
from ratings.web.desk.definition.table_fields import read_tables, table_lines

Tables = dict[str, Any]
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?(?:\.\d+)?) ?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class FilledKey:
    """A key in a form as it is filled in now; `usual` is what it is if left out.

    `locked` says why it can't be changed.
    """

    key: FormKey
    name: str
    value: str
    usual: str = ""
    problems: tuple[str, ...] = ()
    locked: str = ""

    @property
    def shown(self) -> str:
        """What it is, said or not."""
        return self.value or self.usual


@dataclass(frozen=True)
class FilledTable:
    """One table of a section in the form."""

    title: str
    number: int
    fields: tuple[FilledKey, ...]
    locked: str = ""

    @property
    def has_problems(self) -> bool:
        """Whether anything in it is to be mended."""
        return any(field.problems for field in self.fields)


def fields(
    section: Section,
    table: Mapping[str, Any],
    number: int,
    problems: Sequence[str] = (),
    locks: Mapping[str, str] = {},  # it is only read
) -> FilledTable:
    """Return a table as a row of the form, each problem beside the key that it names."""
    where = place(section, table, number)
    return FilledTable(
        title=str(table.get("name") or table.get("title") or table.get("slug") or ""),
        number=number,
        locked=locks.get(where, ""),
        fields=tuple(
            FilledKey(
                key,
                _name(section, number, key),
                _typed(key, _at(table, key.path)),
                filled_in(usual(section, key)),
                (*_told(where, key, problems), *_told_of_all(section, table, key, problems)),
                locks.get(f"{where}: {key.path}", ""),
            )
            for key in section.keys
        ),
    )


def place(section: Section, table: Mapping[str, Any], number: int) -> str:
    """Return what problems call a table, counted from 0."""
    if not section.table:
        return "The challenge"
    return f"[[{section.table}]] {table.get('slug') or table.get('title') or number + 1}"


def filled_in(value: object) -> str:
    """Return a value as it stands in its field; "" where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def _typed(key: FormKey, value: object) -> str:
    """Return a value as `read` takes it back."""
    if key.kind is Kind.ENVIRONMENTS and is_tables(value):
        return environment_lines(value)
    if key.kind is Kind.SCENES and is_tables(value):
        return scene_lines(value)
    if key.kind is Kind.TABLES and is_tables(value):
        return table_lines(f"study.{key.path}", value)
    if key.kind is Kind.PRESENT:
        return "" if value is None else "true"
    if key.kind is Kind.LINES and isinstance(value, (list, tuple)):
        return "\n".join(map(str, value))
    return filled_in(value)


def sent(tables: Tables, form: Mapping[str, str]) -> Tables:
    """Return a definition's tables with what a form says in their keys' place.

    A field that stands as it was filled in changes nothing, whatever its value reads as. What
    can't be read is kept as it was typed, for the definition's own check to refuse.
    """
    changed = deepcopy(tables)
    for section in SECTIONS:
        rows = tables_of(changed, section)
        for number, table in enumerate(rows):
            before = deepcopy(table)
            # Whether a table is there is said last: its keys are filled in by then.
            for key in sorted(section.keys, key=lambda key: key.kind is Kind.PRESENT):
                name = _name(section, number, key)
                if name in form:
                    _fill_in(section, key, table, before, form[name])
    return changed


def _fill_in(
    section: Section, key: FormKey, table: Tables, before: Mapping[str, Any], typed: str
) -> None:
    """Put what a field says into a table, where it says something else than it did `before`."""
    said = _typed(key, _at(before, key.path))
    if key.is_switch:
        said = said or filled_in(usual(section, key)) or "false"
    if key.kind is Kind.PRESENT and _bare(typed) == said == "true":
        table.setdefault(key.path, {})
    elif _bare(typed) != _bare(said):
        value = read(key, typed)
        if value != {} or key.path not in table:
            _set(table, key.path, value)


def without(tables: Tables, kind: str, number: int) -> Tables:
    """Return the tables without one of a kind."""
    rows = [row for place, row in enumerate(tables.get(kind, [])) if place != number]
    return {**tables, kind: rows}


def with_one_more(tables: Tables, kind: str) -> Tables:
    """Return the tables with an empty one of a kind at its end."""
    return {**tables, kind: [*tables.get(kind, []), dict(TABLES[kind].blank)]}


def read(key: FormKey, typed: str) -> object:
    """Return what a field says, None where it says nothing."""
    text = _bare(typed)
    if key.kind in (Kind.LIST, Kind.LINES):
        words = text.split("," if key.kind is Kind.LIST else "\n")
        return [word.strip() for word in words if word.strip()]
    if key.kind is Kind.ENVIRONMENTS:
        return read_environments(text)
    if key.kind is Kind.SCENES:
        return read_scene_lines(text)
    if key.kind is Kind.TABLES:
        return read_tables(f"study.{key.path}", text)
    if key.kind is Kind.SWITCH:
        return text == "true"
    if key.kind is Kind.PRESENT:
        return {} if text == "true" else None
    if not text:
        return None
    reader = {Kind.NUMBER: _number, Kind.DECIMAL: _decimal, Kind.INSTANT: _instant}.get(key.kind)
    return reader(text) if reader else text


def _bare(typed: str) -> str:
    """Return a text as a browser sends it and as it is kept: it has no blank at its ends."""
    return typed.replace("\r\n", "\n").strip()


def _number(text: str) -> object:
    bare = text.replace(",", "").replace(" ", "")
    return int(bare) if re.fullmatch(r"[+-]?\d{1,18}", bare) else text


def _decimal(text: str) -> object:
    try:
        number = Decimal(text.replace(",", ".")) if len(text) < 40 else Decimal("nan")
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


def _instant(text: str) -> object:
    matched = INSTANT.fullmatch(text)
    if not matched:
        return text
    day, time, zone = matched.groups()
    try:
        return datetime.fromisoformat(f"{day}T{time}{zone or ''}")
    except ValueError:
        return text


def tables_of(tables: Tables, section: Section) -> list[Tables]:
    """Return the tables that a section shows, as far as they are any."""
    if not section.table:
        return [tables]
    rows = tables.get(section.table, [])
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _name(section: Section, number: int, key: FormKey) -> str:
    return f"{section.table}-{number}-{key.path}" if section.table else key.path


def _told(where: str, key: FormKey, problems: Sequence[str]) -> Iterator[str]:
    """Yield what problems say of a key, in their words; of a table in a list after its number."""
    names = "|".join(re.escape(name) for name in (key.path, key.path.replace(".", ": ")))
    start = re.compile(rf"{re.escape(where)}: (?:{names})(?:: | (?=\d+: ))")
    for problem in problems:
        if found := start.match(problem):
            yield problem[found.end() :]


def _told_of_all(
    section: Section, table: Mapping[str, Any], key: FormKey, problems: Sequence[str]
) -> Iterator[str]:
    """Yield what problems say of a value that stands in several tables, as this one has it."""
    start = f"[[{section.table}]]: {key.path}: "
    for problem in problems:
        if problem.startswith(f"{start}{_at(table, key.path)!r} "):
            yield problem.removeprefix(start)


def _at(table: Mapping[str, Any], path: str) -> object:
    value: object = table
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _set(table: Tables, path: str, value: object) -> None:
    """Put a value at a path; None takes it away, and a table that is empty then."""
    first, _, rest = path.partition(".")
    if not rest:
        if value is None or value == []:
            table.pop(first, None)
        elif value != table.get(first) or type(value) is not type(table.get(first)):
            table[first] = value
        return
    below = table.get(first)
    below = dict(below) if isinstance(below, dict) else {}
    _set(below, rest, value)
    if below:
        table[first] = below
    else:
        table.pop(first, None)
