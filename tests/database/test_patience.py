"""Waiting for the database: what is cut off is done again, what is refused is not."""

import pytest
from django.db import IntegrityError, OperationalError, connection

from ratings.database.patience import when_it_answers

pytestmark = pytest.mark.django_db(transaction=True)


def cut_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_what_was_cut_off_is_done_again() -> None:
    cuts = iter([cut_off])

    def act() -> int:
        next(cuts, lambda: None)()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 42")
            return int(cursor.fetchone()[0])

    assert when_it_answers(act, seconds=60) == 42


def test_patience_ends() -> None:
    with pytest.raises(OperationalError):
        when_it_answers(cut_off, seconds=0)


def test_other_errors_are_no_absence() -> None:
    def act() -> None:
        raise IntegrityError("twice")

    with pytest.raises(IntegrityError, match="twice"):
        when_it_answers(act, seconds=60)
