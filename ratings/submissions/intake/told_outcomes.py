"""What became of a submission goes into the outbox, with the act itself."""

from datetime import datetime

from ratings.outbox.models import Event
from ratings.outbox.recording import call_for_a_person, record_event
from ratings.submissions.models import Submission

BY_SERVER = (
    "A submission failed by the server's fault, at no cost to its team: look at its run, mend the "
    "cause, and let it run again."
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
        call_for_a_person(
            BY_SERVER,
            at,
            single=f"by server {submission.pk} {at.isoformat()}",
            challenge=phase.challenge_id,
            path=f"/desk/submissions/{submission.pk}/",
        )
