"""What teams are told of a challenge goes into the outbox, with the act itself."""

from datetime import datetime, timedelta

from ratings.challenge.models import Challenge, Phase
from ratings.outbox.models import Event
from ratings.outbox.recording import record_event

# What is dated so long ago is history that a definition brings along, and no news.
FRESH = timedelta(days=1)
SOON = timedelta(hours=24)


def tell_news(challenge: Challenge, title: str, dated: datetime, now: datetime) -> None:
    """Record an announcement, once, if it is to be seen and is not older than a day.

    One that is dated later is told by `tell_due_news` when its time comes.
    """
    if challenge.draft or not now - FRESH < dated <= now:
        return
    record_event(
        Event.Kind.ANNOUNCED,
        now,
        challenge=challenge.pk,
        facts={"title": title},
        single=f"news {challenge.pk} {dated.isoformat()} {title}"[:200],
    )


def tell_due_news(now: datetime) -> None:
    """Record the announcements whose time has come since they were written."""
    for challenge in Challenge.objects.filter(draft=False):
        for news in challenge.announcements.filter(at__gt=now - FRESH, at__lte=now):
            tell_news(challenge, news.title, news.at, now)


def tell_move(phase: Phase, closes_at: datetime, now: datetime) -> None:
    """Record that a phase's deadline moves to `closes_at`, unless both are over."""
    if max(phase.closes_at, closes_at) > now:
        record_event(
            Event.Kind.MOVED,
            now,
            challenge=phase.challenge_id,
            about=phase.pk,
            facts={"closed_at": phase.closes_at.isoformat(), "closes_at": closes_at.isoformat()},
        )


def tell_deadlines(now: datetime) -> None:
    """Record each deadline that comes within 24 hours, once; a moved one is another."""
    open_now = Phase.objects.filter(challenge__draft=False, opens_at__lte=now)
    for phase in open_now.filter(closes_at__gt=now, closes_at__lte=now + SOON):
        closes_at = phase.closes_at.isoformat()
        record_event(
            Event.Kind.SOON,
            now,
            challenge=phase.challenge_id,
            about=phase.pk,
            facts={"closes_at": closes_at},
            single=f"soon {phase.pk} {closes_at}",
        )
