"""What became of a submission, in a sentence for its team."""

from ratings.fidelity.models import Distortion
from ratings.fidelity.score_words import scored_words
from ratings.fidelity.scores import Scores
from ratings.submissions.failure_words import failed_words
from ratings.submissions.intake.closing import progress_of_submission, queue_position
from ratings.submissions.models import Run, Submission
from ratings.web.parts.words.formatting import count

State = Submission.State


def is_under_way(submission: Submission) -> bool:
    """Tell whether the submission is waiting, decoded or scored, so that there is news to come."""
    return submission.state == State.QUEUED


def verdict(submission: Submission, scores: Scores | None) -> str:
    """Say where the submission stands; `scores` are those that its team may see."""
    if submission.state == State.SCORED:
        return scored_words(submission, scores)
    if submission.state == State.QUEUED:
        return _under_way(submission)
    if submission.state == State.OPEN:
        missing = len(progress_of_submission(submission).missing)
        return f"Open: {count(missing, 'file')} to be sent." if missing else "Open: to be closed."
    if submission.state == State.FAILED:
        return failed_words(submission)
    return "Superseded."


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
