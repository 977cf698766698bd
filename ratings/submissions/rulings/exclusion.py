"""Excluding a submission from the competition: it is withdrawn, disqualified, or taken in again.

All that was sent, scored and judged stays, so that each of it can be undone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ratings.challenge.access.audit_log import LONGEST_NOTE, require_note
from ratings.challenge.models import AuditEntry, Phase
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import BY_TEAM, is_of_team
from ratings.submissions.intake.told_outcomes import tell_ruling
from ratings.submissions.models import Submission, SubmissionAuditEntry
from ratings.submissions.rulings.elsewhere_rule import BY_RULE
from ratings.submissions.submission_audit import record_about
from ratings.submissions.submission_locks import lock

Exclusion = Submission.Exclusion
_ACTS = (AuditEntry.Kind.WITHDRAW, AuditEntry.Kind.DISQUALIFY, AuditEntry.Kind.READMIT)
_COMPETES = (Submission.State.QUEUED, Submission.State.SCORED)


@dataclass(frozen=True)
class Excluded:
    """An entry that boards name below the ranked ones; `kind` says why it is not among them.

    `reason` is the public one of a disqualification.
    """

    submission_id: UUID
    method: str
    team: str
    kind: str
    reason: str
    phase: str

    def as_json(self) -> dict[str, str]:
        """Return what everybody may read of it."""
        return {
            "method": self.method,
            "team": self.team,
            "kind": self.kind,
            "kind_reason": self.reason,
        }


def excluded(submission: Submission, kind: str = "") -> Excluded:
    """Return a submission as boards name it, by its exclusion, or else as of another `kind`."""
    return Excluded(
        submission_id=submission.pk,
        method=submission.method,
        team=submission.team.name,
        kind=submission.exclusion or kind,
        reason=submission.exclusion_reason,
        phase=submission.phase.slug,
    )


def withdraw(submission_id: UUID, at: datetime, *, note: str = "", by: str = BY_TEAM) -> Submission:
    """Take a submission out of the competition for its team; again changes nothing.

    An organizer who does it in the team's place says why. Raises Refused, code "note", or
    "standing" for what does not compete or is disqualified.
    """
    note = note.strip()[:LONGEST_NOTE] if is_of_team(by) else require_note(note)
    with transaction.atomic():
        submission = _competing(submission_id)
        if submission.exclusion == Exclusion.DISQUALIFIED:
            raise Refused("standing", "It is disqualified, and stays so.")
        if not submission.exclusion:
            _set(submission, Exclusion.WITHDRAWN, "")
            record_about(submission, AuditEntry.Kind.WITHDRAW, by, at, note)
    return submission


def disqualify(submission_id: UUID, at: datetime, *, note: str, by: str) -> Submission:
    """Take a submission out of the competition; the boards say so, with `note` as the reason.

    Again with another reason sets that one. Raises Refused, code "note", or "standing" for what
    does not compete.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = _competing(submission_id)
        if (submission.exclusion, submission.exclusion_reason) != (Exclusion.DISQUALIFIED, note):
            _set(submission, Exclusion.DISQUALIFIED, note)
            record_about(submission, AuditEntry.Kind.DISQUALIFY, by, at, note)
            if by == BY_RULE:
                tell_ruling(submission, at)
    return submission


def readmit(submission_id: UUID, at: datetime, *, note: str, by: str) -> Submission:
    """Take a submission into the competition again, whoever took it out.

    Raises Refused, code "note", or "standing" for what is not excluded.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        if not submission.exclusion:
            raise Refused("standing", "It was neither withdrawn nor disqualified.")
        _set(submission, "", "")
        record_about(submission, AuditEntry.Kind.READMIT, by, at, note)
    return submission


def out_at(phase: Phase, instant: datetime) -> set[UUID]:
    """Return the submissions of a phase that were out of the competition at an instant.

    That is by the record of acts, whatever was decided since.
    """
    acts = SubmissionAuditEntry.objects.filter(
        submission__phase=phase, entry__kind__in=_ACTS, entry__at__lte=instant
    )
    newest = acts.order_by("entry__at", "entry_id").values_list("submission", "entry__kind")
    return {pk for pk, kind in dict(newest).items() if kind != AuditEntry.Kind.READMIT}


def may_withdraw(submission: Submission) -> bool:
    """Tell whether the submission competes, so that it can be withdrawn."""
    return submission.state in _COMPETES and not submission.exclusion


def _competing(submission_id: UUID) -> Submission:
    submission = lock(submission_id)
    if submission.state not in _COMPETES:
        raise Refused("standing", f"This submission is {submission.state}: it does not compete.")
    return submission


def _set(submission: Submission, exclusion: str, reason: str) -> None:
    submission.exclusion, submission.exclusion_reason = exclusion, reason
    submission.save(update_fields=["exclusion", "exclusion_reason"])
