"""The audit log of one submission: what is done by hand is kept, and found from it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Team
from ratings.submissions.models import Submission, SubmissionAuditEntry


def record_about(
    submission: Submission, kind: AuditEntry.Kind, by: str, at: datetime, note: str = ""
) -> AuditEntry:
    """Keep for good what the organizer called `by` did about a submission."""
    with transaction.atomic():
        entry = record(
            *(submission.phase.challenge, kind, by, at),
            team=submission.team,
            subject=f"{submission.phase.name}: {submission.method}",
            note=note,
        )
        SubmissionAuditEntry.objects.create(entry=entry, submission=submission)
    return entry


def erase_signatures(team: Team) -> None:
    """Forget which members of a team began, closed or sent what."""
    team.submissions.update(begun_by="", submitted_by="")
    team.factsheets.update(received_from="")


def audit_entries_about(submission: Submission) -> QuerySet[AuditEntry]:
    """Return what was done about the submission, the newest first."""
    return AuditEntry.objects.filter(about__submission=submission)
