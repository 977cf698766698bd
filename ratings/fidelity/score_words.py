"""What a scored submission's team is told of its scores, in a sentence."""

from datetime import datetime

from ratings.challenge.access.visibility import own_scores_open
from ratings.challenge.announced_times import moment
from ratings.fidelity.scores import Scores, submission_scores
from ratings.psychometrics.rounding import decimal
from ratings.submissions.models import Submission


def own_scores(submission: Submission, now: datetime) -> Scores | None:
    """Return a scored submission's figures if its team may see them now."""
    if not own_scores_open(submission.phase, now):
        return None
    return next(submission_scores(Submission.objects.filter(pk=submission.pk)), None)


def scored_words(submission: Submission, scores: Scores | None) -> str:
    """Say what was scored, or when that will be seen; `scores` are those that its team may see."""
    return _figures(scores) if scores else _hidden(submission)


def _figures(scores: Scores) -> str:
    figures = f"{decimal(scores.psnr_db, 2)} dB PSNR"
    if scores.ms_ssim is not None:
        figures += f", {decimal(scores.ms_ssim, 4)} MS-SSIM"
    if scores.bpp is not None:
        figures += f", at {decimal(scores.bpp, 4)} bits per pixel"
    return f"Scored: {figures}."


def _hidden(submission: Submission) -> str:
    phase = submission.phase
    if phase.boards_open_at is None:
        return "Scored. The phase hides its scores until the organizers open the boards."
    return (
        f"Scored. The phase hides its scores until {moment(phase.boards_open_at, phase.zone).text}."
    )
