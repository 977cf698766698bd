"""Hooks as an organizer adds them."""

from typing import Any

from ratings.challenge.models import Challenge
from ratings.outbox.hook_signing import new_secret
from ratings.outbox.models import Event, Hook
from tests.builders import NOW


def build_hook(challenge: Challenge | None = None, **fields: Any) -> Hook:
    """Save a hook that wants all kinds of events."""
    defaults = {
        "challenge": challenge.pk if challenge else 1,
        "url": "https://hooks.example.org/ratings",
        "kinds": [str(kind) for kind in Event.Kind],
        "secret": new_secret(),
        "by": "ann",
        "created_at": NOW,
    }
    return Hook.objects.create(**(defaults | fields))
