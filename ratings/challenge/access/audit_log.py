"""The audit log: what is done by hand, to teams, submissions, accounts; who, when, what, why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from ratings.challenge.models import AuditEntry, Challenge, Team
from ratings.challenge.refusals import Refused

LONGEST_NOTE = 500
AUDIT_COLUMNS = ["at", "by", "kind", "did", "challenge", "team", "subject", "note"]


@dataclass(frozen=True)
class AuditQuery:
    """Which entries are asked for; what is empty asks for all. Days are whole ones, in UTC."""

    person: str = ""  # who did it, or the account that it was done to
    kind: str = ""
    challenge: str = ""  # its slug
    since: date | None = None
    until: date | None = None

    def entries(self) -> QuerySet[AuditEntry]:
        """Return the entries, the newest first."""
        found = AuditEntry.objects.select_related("challenge", "team")
        if self.person:
            found = found.filter(Q(by=self.person) | Q(team=None, subject=self.person))
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.challenge:
            found = found.filter(challenge__slug=self.challenge)
        if self.since:
            found = found.filter(at__gte=_midnight(self.since))
        if self.until and self.until < date.max:
            found = found.filter(at__lt=_midnight(self.until + timedelta(days=1)))
        return found


def audit_row(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry by `AUDIT_COLUMNS`; what is about no challenge or no team has "" there."""
    return {
        "at": entry.at.isoformat(),
        "by": entry.by,
        "kind": entry.kind,
        "did": entry.get_kind_display(),
        "challenge": entry.challenge.slug if entry.challenge else "",
        "team": entry.team.name if entry.team else "",
        "subject": entry.subject,
        "note": entry.note,
    }


def audit_rows(entries: QuerySet[AuditEntry]) -> Iterator[dict[str, Any]]:
    """Yield entries by `AUDIT_COLUMNS`."""
    yield from map(audit_row, entries.iterator(chunk_size=1000))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def require_note(note: str) -> str:
    """Return an action's reason, trimmed. Raises Refused, code "note", where it says nothing."""
    trimmed = note.strip()
    if not 0 < len(trimmed) <= LONGEST_NOTE:
        raise Refused("note", f"Say why, in 1 to {LONGEST_NOTE} characters: it goes on record.")
    return trimmed


def record(
    challenge: Challenge | None,
    kind: AuditEntry.Kind,
    by: str,
    at: datetime,
    *,
    team: Team | None = None,
    subject: str = "",
    note: str = "",
) -> AuditEntry:
    """Keep for good what somebody called `by` did about a team, a rater, or an account.

    `subject` is the account's name, or says to people what it was about; for one submission see
    `submission_audit`.
    """
    return AuditEntry.objects.create(
        challenge=challenge, kind=kind, team=team, subject=subject, note=note, by=by, at=at
    )
