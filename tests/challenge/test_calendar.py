"""A phase is open from its first instant until just before the first late one."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from ratings.challenge.calendar import announced_deadline, first_late_instant, phase_state

PST = timezone(timedelta(hours=-8))
OPENS = datetime(2018, 4, 15, tzinfo=PST)
DEADLINE = datetime(2018, 4, 22, 23, 59, 59, tzinfo=PST)
PHASE = SimpleNamespace(opens_at=OPENS, closes_at=first_late_instant(DEADLINE))
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (OPENS - SECOND, "upcoming"),
        (OPENS - MICROSECOND, "upcoming"),
        (OPENS, "open"),
        (OPENS + MICROSECOND, "open"),
        (DEADLINE - SECOND, "open"),
        (DEADLINE, "open"),
        (DEADLINE + MICROSECOND, "open"),
        (DEADLINE + SECOND - MICROSECOND, "open"),
        (DEADLINE + SECOND, "closed"),
        (DEADLINE + SECOND + MICROSECOND, "closed"),
    ],
)
def test_the_whole_last_second_is_in_time(now: datetime, state: str) -> None:
    assert phase_state(PHASE, now) == state
    assert phase_state(PHASE, now.astimezone(UTC)) == state


def test_the_deadline_of_2018_is_one_instant() -> None:
    assert PHASE.closes_at == datetime(2018, 4, 23, 8, 0, 0, tzinfo=UTC)
    assert announced_deadline(PHASE.closes_at) == DEADLINE
