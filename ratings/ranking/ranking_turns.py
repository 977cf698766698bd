"""One process at a time stores a study's rankings and clears older ones away."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ratings.comparisons.models import Study

# Among all advisory locks of the database, those of rankings.
_RANKINGS = 0x52414E4B


@contextmanager
def turn(study: Study, *, wait: bool = True) -> Iterator[bool]:
    """Hold the study's turn, for any number of transactions; tell whether it was to be had.

    Whoever does not `wait` leaves it to the one who holds it.
    """
    is_mine = _ask("pg_advisory_lock" if wait else "pg_try_advisory_lock", study)
    try:
        yield is_mine
    finally:
        if is_mine:
            _ask("pg_advisory_unlock", study)


def _ask(function: str, study: Study) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_RANKINGS, study.pk])
        return bool(cursor.fetchone() != (False,))
