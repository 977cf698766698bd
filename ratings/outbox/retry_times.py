"""When what could not be delivered is tried again, and when it is given up: pure."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=1)
FACTOR = 4
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)  # since it was first to be told
# Between two letters to one receiver: what comes meanwhile goes into the second one.
LEAST_BETWEEN = timedelta(minutes=10)
KEPT_FOR = timedelta(days=30)  # on record, delivered or not


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, 1 or more: 1, 4, 16 min and so on to 6 h."""
    steps = min(attempts - 1, 10)
    return min(FIRST_WAIT * int(FACTOR**steps), LONGEST_WAIT)


def is_given_up(first_due: datetime, now: datetime) -> bool:
    """Tell whether what was to be told at `first_due` is not tried again."""
    return now - first_due >= GIVEN_UP_AFTER
