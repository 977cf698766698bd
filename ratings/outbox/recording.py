"""Putting an event into the outbox, with the act that it tells of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ratings.outbox.models import Event


def record_event(
    kind: Event.Kind,
    at: datetime,
    *,
    challenge: int | None = None,
    team: int | None = None,
    about: object = "",
    facts: Mapping[str, Any] | None = None,
    single: str = "",
) -> None:
    """Put an event into the outbox, in the caller's transaction: it is told if that commits.

    `challenge` and `team` are keys; without a challenge it is about the site, without a team
    about nobody's alone. `facts` are told to hooks too: nothing in them leads to a person, names a
    method or shows a picture. An event whose `single` is there already is not recorded again.
    """
    event = Event(
        kind=kind,
        at=at,
        challenge=challenge,
        team=team,
        about=str(about),
        facts=dict(facts or {}),
        single=single or None,
    )
    Event.objects.bulk_create([event], ignore_conflicts=True)


def call_for_a_person(
    words: str, at: datetime, *, single: str, challenge: int | None = None, path: str = ""
) -> None:
    """Let organizers know by mail and hooks that something waits for one of them.

    `words` are a sentence with the mend, `path` leads to the page of the site where it is mended.
    `single` says what it is about: while the outbox knows of it, it is not told again.
    """
    facts = {"words": words, "path": path}
    record_event(Event.Kind.NEEDED, at, challenge=challenge, facts=facts, single=single)
