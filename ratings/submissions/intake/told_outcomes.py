"""What became of a submission goes into the outbox, with the act itself."""

from datetime import datetime

from ratings.outbox.models import Event
from ratings.outbox.recording import call_for_a_person, record_event
from ratings.submissions.models import Submission

BY_SERVER = (
    "A submission failed by the server's fault, at no cost to its team: look at its run, mend the "
    "cause, and let it run again."
)
BY_RULE = (
    "The rule of running elsewhere has disqualified a submission: see whether that is right, and "
    "take it in again if not."
)


def tell_outcome(submission: Submission, at: datetime) -> None:
    """Record that a submission was scored, or failed; organizers are called where the site did."""
    phase = submission.phase
    is_scored = submission.state == Submission.State.SCORED
    facts = {"phase": phase.slug, "state": submission.state}
    record_event(
        Event.Kind.SCORED if is_scored else Event.Kind.FAILED,
        at,
        challenge=phase.challenge_id,
        team=submission.team_id,
        about=submission.pk,
        facts=facts if is_scored else {**facts, "by_server": submission.failed_by_server},
    )
    if submission.failed_by_server:
        _call(submission, BY_SERVER, f"by server {submission.pk} {at.isoformat()}", at)


def tell_ruling(submission: Submission, at: datetime) -> None:
    """Call organizers to what the rule of running elsewhere has disqualified."""
    _call(submission, BY_RULE, f"by rule {submission.pk} {at.isoformat()}", at)


def _call(submission: Submission, words: str, single: str, at: datetime) -> None:
    challenge, path = submission.phase.challenge_id, f"/desk/submissions/{submission.pk}/"
    call_for_a_person(words, at, single=single, challenge=challenge, path=path)
