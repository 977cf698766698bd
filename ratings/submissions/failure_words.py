"""What a failed submission's team is told first: whose fault it was, and what it costs."""

from ratings.submissions.models import Submission


def failed_words(submission: Submission) -> str:
    """Say how a submission failed; its problems stand below."""
    if submission.failed_by_server:
        return "Failed, by the server's fault: it takes nothing from your quota."
    if submission.never_ran:
        return (
            "Failed: your decoder never started. Its files go, and the first few such in 24 hours "
            "take nothing from your quota."
        )
    return "Failed; why stands below."
