"""What hooks are told: keys, states and addresses; no name, no score, no picture."""

import json
from typing import Any

from ratings.challenge.models import Challenge, Phase
from ratings.notices.site_pages import absolute, challenge_page, submission_page
from ratings.outbox.models import Event
from ratings.submissions.models import Submission

OF_SUBMISSIONS = (Event.Kind.SCORED, Event.Kind.FAILED)


def message_name(event: Event) -> str:
    """Return the id of an event's message: the same each time that it is sent."""
    return f"msg_{event.pk.hex}"


def hook_body(event: Event) -> bytes:
    """Return the message of an event: its type, when it happened, and what it is about."""
    challenge = Challenge.objects.filter(pk=event.challenge or 0).first()
    data: dict[str, Any] = {"challenge": challenge.slug if challenge else None}
    data |= _of_submission(event) if event.kind in OF_SUBMISSIONS else _of_others(event, challenge)
    message = {"type": event.kind, "timestamp": event.at.isoformat(), "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


def _of_submission(event: Event) -> dict[str, Any]:
    found = Submission.objects.select_related("phase__challenge").filter(pk=event.about).first()
    url = submission_page(found, to_team=False) if found else None
    return {"submission": event.about, **event.facts, "url": url}


def _of_others(event: Event, challenge: Challenge | None) -> dict[str, Any]:
    facts = dict(event.facts)
    path = facts.pop("path", "")
    page = challenge_page(challenge) if challenge else absolute("/desk/")
    if event.kind in (Event.Kind.MOVED, Event.Kind.SOON):
        phase = Phase.objects.filter(pk=event.about).first()
        facts["phase"] = phase.slug if phase else None
    return {**facts, "url": absolute(path) if path else page}
