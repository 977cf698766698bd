"""When a phase is open: pure functions of instants.

Deadlines are announced as their last second, "23:59:59": all of that second is in time, the next
instant is late. What is stored and compared is the first late instant, one second after the
announced one.
"""

from datetime import datetime, timedelta
from typing import Literal, Protocol

PhaseState = Literal["upcoming", "open", "closed"]
LAST_SECOND = timedelta(seconds=1)


class Window(Protocol):
    """Anything with the two instants of a phase; both carry their offset."""

    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...


def phase_state(window: Window, now: datetime) -> PhaseState:
    """Return the state at the instant `now`: open from `opens_at` until just before `closes_at`."""
    if now < window.opens_at:
        return "upcoming"
    return "open" if now < window.closes_at else "closed"


def first_late_instant(deadline: datetime) -> datetime:
    """Return the instant from which on it is too late for the announced `deadline`."""
    return deadline + LAST_SECOND


def announced_deadline(closes_at: datetime) -> datetime:
    """Return the last second in time, as it is announced."""
    return closes_at - LAST_SECOND
