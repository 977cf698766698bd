"""What became of a submission, in a sentence for its team."""

from ratings.fidelity.models import Distortion
from ratings.fidelity.scores import Scores
from ratings.submissions.intake.closing import progress_of_submission, queue_position
from ratings.submissions.models import Run, Submission
from ratings.web.parts.formatting import count, decimal, moment

State = Submission.State


def is_under_way(submission: Submission) -> bool:
    """Tell whether the submission is waiting, decoded or scored, so that there is news to come."""
    return submission.state == State.QUEUED


def verdict(submission: Submission, scores: Scores | None) -> str:
    """Say where the submission stands; `scores` are those that its team may see."""
    if submission.state == State.SCORED:
        return _scored(scores) if scores else _hidden(submission)
    if submission.state == State.QUEUED:
        return _under_way(submission)
    if submission.state == State.OPEN:
        missing = len(progress_of_submission(submission).missing)
        return f"Open: {count(missing, 'file')} to be sent." if missing else "Open: to be closed."
    if submission.failed_by_server:
        return "Failed, by the server's fault: it takes nothing from your quota."
    if submission.never_ran:
        return (
            "Failed: your decoder never started. Its files go, and the first few such in 24 hours "
            "take nothing from your quota."
        )
    return "Failed; why stands below." if submission.state == State.FAILED else "Superseded."


def _scored(scores: Scores) -> str:
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


def _under_way(submission: Submission) -> str:
    run = submission.runs.filter(compares=False).first()
    images = submission.decoded_images.count()
    scored = Distortion.objects.filter(decoded_image__submission=submission).count()
    if scored or (run and run.state == Run.State.SUCCEEDED):
        return f"Scoring: {scored} of {images} pictures."
    if run and run.state == Run.State.RUNNING:
        return f"Your decoder runs, attempt {run.attempt}."
    before = (queue_position(submission) or 1) - 1
    return f"Queued: {before} before it." if before else "Next in the queue."
