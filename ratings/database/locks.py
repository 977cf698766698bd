"""Locks that are held for any number of transactions, also behind a pooler."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def lock_apart(
    database: BaseDatabaseWrapper,
    key: Sequence[int],
    *,
    wait: bool = True,
    tell: Callable[[], None] = lambda: None,
) -> Iterator[bool]:
    """Hold the advisory lock of a key, one bigint or two ints; tell whether it was to be had.

    Whoever does not `wait` leaves it to the one who holds it; who does is told first. A transaction
    on a connection of its own holds the lock: it goes with its process, and a pooler keeps it.
    """
    holder, marks = database.copy(), ", ".join(["%s"] * len(key))
    try:
        holder.set_autocommit(False)
        with holder.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_xact_lock({marks})", key)
            is_mine = bool(cursor.fetchone()[0])
            if wait and not is_mine:
                tell()
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute(f"SELECT pg_advisory_xact_lock({marks})", key)
                is_mine = True
        yield is_mine
    finally:
        # Of a connection that is only closed the database ends the transaction when it notices.
        with suppress(DatabaseError, InterfaceError):
            holder.rollback()
        holder.close()
