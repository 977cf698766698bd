"""Statements planned once for each connection, because planning takes most of their time."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from django.db import connection


class PreparedStatement:
    """A statement with parameters $1, $2, ... of the given types."""

    def __init__(self, name: str, types: str, sql: str) -> None:
        self._prepare = f"PREPARE {name} ({types}) AS {sql}"
        marks = ", ".join(["%s"] * len(types.split(",")))
        self._execute = f"EXECUTE {name} ({marks})"
        self._on: WeakSet[Any] = WeakSet()

    def rows(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of one execution."""
        with connection.cursor() as cursor:
            if connection.connection not in self._on:
                cursor.execute(self._prepare)
                self._on.add(connection.connection)
            cursor.execute(self._execute, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
