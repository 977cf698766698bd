"""Waiting for a database that is away for a moment, and for statements that take their time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from ratings.database.base import is_pooled

AWAY = (OperationalError, InterfaceError)
PAUSE_SECONDS = 1.0
Result = TypeVar("Result")


def when_it_answers(act: Callable[[], Result], *, seconds: float) -> Result:
    """Do `act`, again and again while the database is away; it must be harmless to repeat.

    Raises OperationalError or InterfaceError when that lasts longer than `seconds`.
    """
    give_up = time.monotonic() + seconds
    while True:
        try:
            return act()
        except AWAY:
            connection.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(PAUSE_SECONDS)


@contextmanager
def unhurried() -> Iterator[None]:
    """Let statements take as long as they take: exports of millions of rows do, also over HTTP.

    Behind a pooler they are one transaction: what is set outside of one is set for others.
    """
    if is_pooled():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        (usual,) = cursor.fetchone()
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [usual])
