"""The rule of phases that require a submission to decode elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from ratings.challenge.models import AuditEntry, Phase
from ratings.submissions.models import Run, Submission, SubmissionAuditEntry

BY_RULE = "the rule of the phase"  # how the server signs what it does by it


@dataclass(frozen=True)
class BrokenElsewhere:
    """A submission that is to be disqualified, and why."""

    submission_id: UUID
    reason: str


def to_disqualify() -> list[BrokenElsewhere]:
    """Return the submissions that are broken elsewhere where their phase requires otherwise.

    One that an organizer has taken in again since is not: that was decided by hand.
    """
    readmitted = SubmissionAuditEntry.objects.filter(
        submission=OuterRef("submission"),
        entry__kind=AuditEntry.Kind.READMIT,
        entry__at__gte=OuterRef("finished_at"),
    )
    broken = Run.objects.filter(
        state=Run.State.FAILED,
        told__isnull=False,
        submission__phase__elsewhere=Phase.Elsewhere.REQUIRE,
        submission__state=Submission.State.SCORED,
        submission__exclusion="",
    ).exclude(Exists(readmitted))
    return [BrokenElsewhere(*row) for row in broken.values_list("submission", "verdict")]
