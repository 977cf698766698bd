"""What organizers do by hand is kept: who, when, about what, and why."""

from datetime import datetime

from ratings.challenge.models import Act, Challenge, Team
from ratings.challenge.refusals import Refused

LONGEST_NOTE = 500


def require_note(note: str) -> str:
    """Return the reason of an act, trimmed. Raises Refused, code "note", where it says nothing."""
    trimmed = note.strip()
    if not 0 < len(trimmed) <= LONGEST_NOTE:
        raise Refused("note", f"Say why, in 1 to {LONGEST_NOTE} characters: it goes on record.")
    return trimmed


def record(
    challenge: Challenge,
    kind: Act.Kind,
    by: str,
    at: datetime,
    *,
    team: Team,
    subject: str = "",
    note: str = "",
) -> Act:
    """Keep an act of the organizer called `by` about a team, for good."""
    return Act.objects.create(
        challenge=challenge, kind=kind, team=team, subject=subject, note=note, by=by, at=at
    )
