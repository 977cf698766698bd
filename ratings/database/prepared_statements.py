"""Statements planned once for each connection, because planning takes most of their time."""

import re
from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from django.db import connection

from ratings.database.base import is_pooled


class PreparedStatement:
    """A statement with parameters $1, $2, ... of the given types.

    Behind a pooler nothing stays prepared: there it is planned each time.
    """

    def __init__(self, name: str, types: str, sql: str) -> None:
        known = types.split(", ")
        self._prepare = f"PREPARE {name} ({types}) AS {sql}"
        self._execute = f"EXECUTE {name} ({', '.join(['%s'] * len(known))})"
        self._plain = re.sub(
            r"\$(\d+)",
            lambda number: f"%({number[1]})s::{known[int(number[1]) - 1]}",
            sql.replace("%", "%%"),
        )
        self._on: WeakSet[Any] = WeakSet()

    def rows(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of one execution."""
        with connection.cursor() as cursor:
            if is_pooled():
                cursor.execute(self._plain, {str(n): value for n, value in enumerate(values, 1)})
            else:
                if connection.connection not in self._on:
                    cursor.execute(self._prepare)
                    self._on.add(connection.connection)
                cursor.execute(self._execute, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
