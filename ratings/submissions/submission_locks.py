"""Locks on the rows of a submission and of its team, held until the transaction ends."""

from uuid import UUID

from ratings.challenge.models import Team
from ratings.submissions.models import Submission


def lock_team(submission_id: UUID) -> None:
    """Let what is done with the submissions of one team be done one after the other."""
    Team.objects.select_for_update(no_key=True).get(submissions=submission_id)


def lock(submission_id: UUID) -> Submission:
    """Return the submission with phase and team, its row locked until the transaction ends."""
    rows = Submission.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("phase", "team").get(pk=submission_id)


def is_lockable(submission_id: UUID) -> bool:
    """Lock the submission's row unless somebody else has; tell whether that was had."""
    rows = Submission.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return bool(rows.filter(pk=submission_id).only("pk"))
