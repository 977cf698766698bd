"""One process at a time stores a study's rankings and clears older ones away."""

from contextlib import AbstractContextManager

from django.db import connection

from ratings.comparisons.models import Study
from ratings.database.locks import lock_apart

# Among all advisory locks of the database, those of rankings.
_RANKINGS = 0x52414E4B


def turn(study: Study, *, wait: bool = True) -> AbstractContextManager[bool]:
    """Hold the study's turn, for any number of transactions; tell whether it was to be had.

    Whoever does not `wait` leaves it to the one who holds it.
    """
    return lock_apart(connection, [_RANKINGS, study.pk], wait=wait)
