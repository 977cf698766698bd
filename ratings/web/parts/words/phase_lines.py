"""Where a phase stands, in words."""

from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.models import Phase
from ratings.web.parts.words.formatting import Moment, moment, until


@dataclass(frozen=True)
class PhaseLine:
    """Where a phase stands: open for 3 h more, not yet open, over."""

    phase: Phase
    state: str
    words: str
    moment: Moment


def phase_line(phase: Phase, now: datetime) -> PhaseLine:
    """Return the phase's state and its next date, in words."""
    state = phase_state(phase, now)
    if state == "upcoming":
        opens = moment(phase.opens_at, phase.zone)
        return PhaseLine(phase, state, f"opens {until(phase.opens_at, now, phase.zone)}", opens)
    left = "is over"
    if state == "open":
        left = f"closes {until(phase.closes_at, now, phase.zone)}"
    return PhaseLine(phase, state, left, moment(announced_deadline(phase.closes_at), phase.zone))
