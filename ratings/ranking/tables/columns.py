"""The columns of tables: what each is called and holds, read from the class of the rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_type_hints

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its name, the type of its values where there are any, and how a row gives one."""

    name: str
    type: type
    value: Callable[[Row], Any]


def columns(rows: type[Row], *fields: str) -> list[Column[Row]]:
    """Return columns named like fields or properties of a class of rows, typed as these are.

    Raises AttributeError for a name that its rows don't have.
    """
    hints = get_type_hints(rows)
    return [Column(name, _type(rows, hints, name), attrgetter(name)) for name in fields]


def names(columns: Iterable[Column[Any]]) -> list[str]:
    """Return the head of a table."""
    return [column.name for column in columns]


def table(columns: Iterable[Column[Row]], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return rows as dicts with the names of the columns, in their order."""
    columns = list(columns)
    return [{column.name: column.value(row) for column in columns} for row in rows]


def _type(rows: type, hints: Mapping[str, Any], name: str) -> type:
    hint = hints[name] if name in hints else get_type_hints(getattr(rows, name).fget)["return"]
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] or [hint]
    column_type: type = kinds[0]
    return column_type
