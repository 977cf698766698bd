"""Reading the tables of a definition file into dataclasses that declare their keys.

A field is a key: its type, with a check where `Annotated` names one, says what the key may hold,
its default what it is if left out. What is wrong is noted, all of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from ratings.challenge.keys.checks import (
    A_LIST,
    AN_INSTANT,
    Check,
    Wrong,
    instant,
    one_of,
    switch,
    text,
    texts,
)

Shape = TypeVar("Shape")
# The checks of types that need no other.
CHECKS: dict[Any, Check] = {
    str: text(),
    bool: switch,
    datetime: instant,
    tuple[str, ...]: texts,
}
# Of a key that must be there: what to write, and what stands in where it is missing or wrong.
REQUIRED: dict[Any, tuple[str, Any]] = {
    str: ("a text", ""),
    int: ("a whole number", 0),
    datetime: (AN_INSTANT, datetime(2000, 1, 1, tzinfo=UTC)),
    tuple[str, ...]: (A_LIST, ()),
}


@dataclass(frozen=True)
class Headed:
    """Marks a tuple of tables that stand in the file under lines [[name]]."""

    name: str


@dataclass(frozen=True)
class Key:
    """A field of a dataclass as a key of its table.

    A `check` reads its value; without one, tables stand there (`many`, or one) of this `shape`.
    `missing` says what to write where a key is left out that must not be.
    """

    name: str
    field: str
    default: Any
    missing: str = ""
    check: Check | None = None
    shape: Any = None
    many: bool = False
    headed: bool = False


@cache
def keys_of(shape: type) -> tuple[Key, ...]:
    """Return the keys that a dataclass declares."""
    hints = get_type_hints(shape, include_extras=True)
    defaults = {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(shape)
    }
    return tuple(_key(name, hints[name], default) for name, default in defaults.items())


def _key(field: str, hint: Any, default: object) -> Key:  # noqa: ANN401
    hint, mark = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    if get_origin(hint) is UnionType:
        (hint,) = (kind for kind in get_args(hint) if kind is not type(None))
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    if isinstance(mark, Headed):
        return Key(mark.name, field, default, shape=item, many=True, headed=True)
    if is_dataclass(item) or is_dataclass(hint):
        return Key(field, field, default, shape=item or hint, many=item is not None)
    if mark is None:
        is_enum = isinstance(hint, type) and issubclass(hint, StrEnum)
        mark = one_of(hint) if is_enum else CHECKS[hint]
    missing, stand_in = REQUIRED[hint] if default is MISSING else ("", default)
    return Key(field, field, stand_in, missing, mark)


class TomlTable:
    """A table of the file; `problems` is shared with the tables below it."""

    def __init__(
        self,
        raw: dict[str, Any],
        where: str,
        problems: list[str] | None = None,
        above: "tuple[TomlTable, str] | None" = None,
    ) -> None:
        self.raw = raw
        self.where = where
        self.problems: list[str] = [] if problems is None else problems
        self._above = above
        self._known: set[str] = set()
        self._unsound: set[str] = set()

    def read(self, shape: type[Shape]) -> Shape:
        """Return the keys that a dataclass declares; something stands in for what is wrong.

        A method `check(table)` of the dataclass notes what its keys say against one another.
        """
        declared: type = shape
        value = shape(**{key.field: self._value(key) for key in keys_of(declared)})
        if check := getattr(value, "check", None):
            check(self)
        return value

    def refuse_unknown(self) -> None:
        """Note every key that no dataclass declared of those that were read."""
        known = sorted(self._known)
        for key in self.raw:
            if key not in self._known:
                near = get_close_matches(key, known, 1)
                meant = f" Did you mean {near[0]}?" if near else ""
                self.note(key, f"this key is unknown; known are: {', '.join(known)}.{meant}")

    def refuse_repeated(self, key: str, values: Iterable[str]) -> None:
        """Note every value that stands there more than once."""
        for value, times in Counter(values).items():
            if times > 1:
                self.note(key, f"{value!r} stands there {times} times.")

    def note(self, key: str, problem: str) -> None:
        """Note what is wrong with a key."""
        self.problems.append(f"{self.where}: {key}: {problem}")
        self._distrust(key)

    def sound(self, *keys: str) -> bool:
        """Tell whether nothing is wrong with the keys, or below them: their values are meant."""
        return not self._unsound.intersection(keys)

    def _value(self, key: Key) -> Any:  # noqa: ANN401
        self._known.add(key.name)
        if key.name in self.raw:
            try:
                return self._read(key, self.raw[key.name])
            except Wrong as wrong:
                self.note(key.name, str(wrong))
                return key.default if wrong.instead is None else wrong.instead
        if key.missing:
            self.note(key.name, f"it is missing; write {key.missing}.")
        return key.default

    def _read(self, key: Key, value: object) -> Any:  # noqa: ANN401
        if key.check:
            if key.missing and key.default == "" and not str(value).strip():
                raise Wrong("it must not be empty.")
            return key.check(value)
        if key.many:
            return tuple(self._rows(key, value))
        if not isinstance(value, dict):
            raise Wrong(f"write it as a table, such as {key.name} = {{ ... }}.")
        return self._below(key, value, f"{self.where}: {key.name}")

    def _rows(self, key: Key, value: object) -> Iterator[Any]:
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise Wrong(
                f"write it as tables, each under a line [[{self._header}{key.name}]]."
                if key.headed
                else f"write it as a list of tables, such as {key.name} = [{{ ... }}]."
            )
        below = f"{self.where}: {key.name}"
        place = below if not key.headed else f"{below}:" if self._above else f"[[{key.name}]]"
        for number, row in enumerate(value, 1):
            name = row.get("slug") or row.get("title") or number
            yield self._below(key, row, f"{place} {name}")

    @property
    def _header(self) -> str:
        """What stands before the name of a table below in its header."""
        return f"{self._above[1]}." if self._above else ""

    def _below(self, key: Key, raw: dict[str, Any], where: str) -> Any:  # noqa: ANN401
        if not isinstance(key.shape, type):
            return raw
        table = TomlTable(raw, where, self.problems, (self, key.name))
        value: object = table.read(key.shape)
        table.refuse_unknown()
        return value

    def _distrust(self, key: str) -> None:
        self._unsound.add(key)
        if self._above:
            table, name = self._above
            table._distrust(name)


def written(value: Any) -> Any:  # noqa: ANN401
    """Return a dataclass as the table that it is read from; a key that is None is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((key.name, getattr(value, key.field)) for key in keys_of(type(value)))
        return {name: written(pair) for name, pair in pairs if pair is not None}
    if isinstance(value, tuple):
        return [written(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value
