"""Factsheets: the PDF that details a team's approach, by a deadline of its own."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ratings.challenge.access.audit_log import record, require_note
from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.receiving import receive_file
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import is_of_team
from ratings.storage.deletion import brought, discard, keep
from ratings.submissions.models import Factsheet

LARGEST_BYTES = 32 << 20
HEAD, END = b"%PDF-", b"%%EOF"
TAIL_BYTES = 1024


def put_factsheet(
    phase: Phase,
    team: Team,
    chunks: Iterable[bytes],
    at: datetime,
    *,
    sha256: str | None = None,
    late_note: str = "",
    by: str = "",
) -> Factsheet:
    """Store a team's factsheet, or another one in its place.

    `by` signs it. After the deadline an organizer may, with a note, which goes on record. Raises
    Refused with code "factsheet", "too-late", "note", "too-large" or "digest-mismatch".
    """
    late = _require_due(phase, at, by)
    note = require_note(late_note) if late else ""
    with receive_file(chunks, LARGEST_BYTES, sha256) as incoming:
        _check_pdf(incoming.temporary)
        with brought([incoming], at), transaction.atomic():
            keep(incoming)
            before = phase.factsheets.filter(team=team).exclude(sha256=incoming.sha256)
            discard(before.values_list("sha256", flat=True), at)
            factsheet, _ = Factsheet.objects.update_or_create(
                phase=phase,
                team=team,
                defaults={
                    "size_bytes": incoming.size_bytes,
                    "sha256": incoming.sha256,
                    "received_at": at,
                    "received_from": by,
                },
            )
            if late:
                record(
                    *(phase.challenge, AuditEntry.Kind.FACTSHEET, by, at),
                    team=team,
                    subject=phase.name,
                    note=note,
                )
    return factsheet


def erase_factsheets(team: Team, at: datetime) -> None:
    """Delete the team's factsheets, and their files where nothing else is the same."""
    with transaction.atomic():
        discard(team.factsheets.values_list("sha256", flat=True), at)
        team.factsheets.all().delete()


def _require_due(phase: Phase, at: datetime, by: str) -> bool:
    """Tell whether it is late, as only an organizer may be. Raises Refused."""
    closes_at = phase.factsheet_closes_at
    if closes_at is None:
        raise Refused("factsheet", f"{phase.name} asks for no factsheet.")
    if at >= closes_at and (not by or is_of_team(by)):
        deadline = announced_deadline(closes_at).astimezone(phase.zone).isoformat()
        raise Refused("too-late", f"Factsheets of {phase.name} were due by {deadline}.")
    return at >= closes_at


def _check_pdf(sent: Path) -> None:
    """Look at head and tail alone: it is never opened here, and sent as a download only."""
    with sent.open("rb") as file:
        head = file.read(len(HEAD))
        file.seek(max(0, sent.stat().st_size - TAIL_BYTES))
        tail = file.read()
    if head != HEAD:
        raise Refused("factsheet", "This is no PDF: it does not begin with %PDF-.")
    if END not in tail:
        raise Refused("factsheet", "The PDF is cut off: its end, %%EOF, is missing. Send it again.")
