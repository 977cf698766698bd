"""What is done about a submission by hand, with all that follows from it at once."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ratings.challenge.teams.team_logins import BY_TEAM
from ratings.comparisons.locking import lock_studies, locking
from ratings.comparisons.participation import of_phase
from ratings.comparisons.study.entries import let_go, settle
from ratings.fidelity.psnr_board import board_submissions
from ratings.jobs.tasks import queue_next, queue_preparing
from ratings.ranking.fits.ranking_turns import turn
from ratings.ranking.fits.refitting import refit
from ratings.submissions.models import Submission
from ratings.submissions.rulings import exclusion
from ratings.submissions.runs import reruns


def withdraw(submission_id: UUID, at: datetime, *, note: str = "", by: str = BY_TEAM) -> None:
    """Withdraw a submission. Raises Refused as `exclusion.withdraw` does."""
    _carry_out(lambda: exclusion.withdraw(submission_id, at, note=note, by=by), at)


def disqualify(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Disqualify a submission. Raises Refused as `exclusion.disqualify` does."""
    _carry_out(lambda: exclusion.disqualify(submission_id, at, note=note, by=by), at)


def readmit(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Take a submission in again. Raises Refused as `exclusion.readmit` does."""
    _carry_out(lambda: exclusion.readmit(submission_id, at, note=note, by=by), at)


def stop(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Stop the submission's decoder: its worker knows within a second.

    Raises Refused as `reruns.stop` does.
    """
    reruns.stop(submission_id, at, note=note, by=by)


def run_again(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Run the decoder again, or score pictures again that are here already.

    Raises Refused as `reruns.requeue_run` does.
    """
    with transaction.atomic():
        queue_next(submission_id, reruns.requeue_run(submission_id, at, note=note, by=by))


def _carry_out(act: Callable[[], Submission], at: datetime) -> None:
    """Let the studies of the phase compare and rank what is on its boards after an act."""
    with locking():
        studies = lock_studies(of_phase(act().phase))
        for study in studies:
            let_go(study)
            settle(study, board_submissions)
        queue_preparing(studies)  # what comes in an entry's place may lack crops
    # No undo or decision waits for a fit. Boards leave out who has left, fitted anew or not.
    for study in studies:
        with turn(study):
            refit(study, at)
