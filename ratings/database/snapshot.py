"""One view of the database for many statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all statements inside see the database as it is at the first of them.

    It must not stand inside another transaction. A statement that writes what others have changed
    meanwhile raises OperationalError or IntegrityError; then all of it is to be tried again.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
