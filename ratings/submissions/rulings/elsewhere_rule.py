"""The rule of phases that require a submission to decode elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from ratings.challenge.models import AuditEntry, Phase
from ratings.submissions.models import Run, Submission

BY_RULE = "the rule of the phase"  # how the server signs what it does by it


@dataclass(frozen=True)
class BrokenElsewhere:
    """A submission that is to be disqualified, and why."""

    submission_id: UUID
    reason: str


def to_disqualify() -> list[BrokenElsewhere]:
    """Return the submissions that are broken elsewhere where their phase requires otherwise.

    One that was disqualified before is not: an organizer may have taken it in again.
    """
    broken = Run.objects.filter(
        state=Run.State.FAILED,
        told__isnull=False,
        submission__phase__elsewhere=Phase.Elsewhere.REQUIRE,
        submission__state=Submission.State.SCORED,
        submission__exclusion="",
    ).exclude(submission__audit_entries__entry__kind=AuditEntry.Kind.DISQUALIFY)
    return [BrokenElsewhere(*row) for row in broken.values_list("submission", "verdict")]
