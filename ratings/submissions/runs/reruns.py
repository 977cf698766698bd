"""What organizers do about a decoder by hand: they stop it, or run it again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from ratings.challenge.access.audit_log import require_note
from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.submissions.intake.closing import mark_failed, progress_of_submission, requeue
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs.lifecycle import end_run, queue_run
from ratings.submissions.submission_audit import record_about
from ratings.submissions.submission_locks import lock


def stop(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Stop the submission's decoder; what waits for it fails, and takes nothing from the quota.

    Raises Refused, code "note", or "run" where nothing runs or waits.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        stopped = _current(submission).select_for_update()
        if not stopped:
            raise Refused("run", "No decoder of this submission runs or waits.")
        verdict = f"An organizer stopped the decoder: {note}"
        for run in stopped:
            end_run(run, Run.State.STOPPED, verdict, at)
        mark_failed(submission, [verdict], at, by_server=True)
        record_about(submission, AuditEntry.Kind.STOP, by, at, note)


def requeue_run(submission_id: UUID, at: datetime, *, note: str, by: str) -> Run | None:
    """Put another run of the decoder on record: one that failed is tried again, a scored compared.

    None stands for pictures that are here already, of a submission that failed: it waits again for
    their scores alone. Raises Refused, code "note", or "run" where there is nothing to run.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        if problem := against_running_again(submission):
            raise Refused("run", problem)
        scores_alone = waits_for_scores_alone(submission)
        requeue(submission)
        record_about(submission, AuditEntry.Kind.RUN, by, at, note)
        if scores_alone:
            return None
        compares = submission.state == Submission.State.SCORED
        return queue_run(submission, at, compares=compares)


def may_stop(submission: Submission) -> bool:
    """Tell whether the submission's decoder runs or waits."""
    return _current(submission).exists()


def against_running_again(submission: Submission) -> str:
    """Return why the submission's decoder can't be run again now; "" where it can."""
    if may_stop(submission):
        return "Its decoder runs or waits already; stop it first."
    if submission.state not in (Submission.State.SCORED, Submission.State.FAILED):
        return f"This submission is {submission.state}; only what has ended is run again."
    if submission.freed_at is not None:
        day = submission.freed_at.date().isoformat()
        return f"Its files were deleted on {day}, when their time was over."
    if waits_for_scores_alone(submission):
        return ""
    if not hasattr(submission, "decoder") or not submission.bitstreams.exists():
        return "This submission has no decoder with bitstreams, so nothing can be run."
    return ""


def waits_for_scores_alone(submission: Submission) -> bool:
    """Tell whether the submission failed though its pictures are here, and no decoder is to run."""
    if submission.state != Submission.State.FAILED:
        return False
    progress = progress_of_submission(submission)
    return progress.decoded > 0 and not (progress.decodes or progress.missing_images)


def _current(submission: Submission) -> QuerySet[Run]:
    return submission.runs.filter(state__in=Run.CURRENT)
