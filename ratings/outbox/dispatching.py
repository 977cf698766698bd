"""From events to what is delivered: spread to receivers, claimed, and concluded.

One worker delivers at a time. A claim pushes the next attempt off before anything is sent: whoever
is killed meanwhile leaves it to be tried again, with the same identifiers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from ratings.outbox.models import Dispatch, Event, Hook
from ratings.outbox.retry_times import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    LEAST_BETWEEN,
    LONGEST_WAIT,
    is_given_up,
    wait_after,
)

# What somebody waits for: a letter of its own, at once.
URGENT = (Event.Kind.PASSWORD, Event.Kind.INVITED)
MOST_SPREAD = 500  # events in one turn
LONGEST_ERROR = 200
Outcome = Dispatch.Outcome


@dataclass(frozen=True)
class Errand:
    """What is delivered now: one event to a hook, or a letter of one or more events."""

    receiver: str
    hook: Hook | None
    letter: UUID | None
    dispatches: Sequence[Dispatch]

    @property
    def events(self) -> list[Event]:
        """The events, in the order in which they happened."""
        return [dispatch.event for dispatch in self.dispatches]


def waiting_events() -> QuerySet[Event]:
    """Return the events that nobody has spread yet, the oldest first."""
    return Event.objects.filter(spread_at=None).order_by("at", "pk")[:MOST_SPREAD]


def spread(event: Event, receivers: Iterable[str], hooks: Iterable[Hook], now: datetime) -> None:
    """Put an event on its way to each receiver by mail, and to each hook; it is done once.

    Somebody who had a letter lately gets the next one later, with all that comes until then. What
    is too old to be told goes to nobody.
    """
    with transaction.atomic():
        if not Event.objects.filter(pk=event.pk, spread_at=None).update(spread_at=now):
            return
        if now - event.at >= GIVEN_UP_AFTER:
            return
        to = list(receivers)
        is_urgent = event.kind in URGENT
        last = {} if is_urgent else _last_letters(to)
        rows = [
            Dispatch(
                event=event,
                receiver=one,
                letter=uuid4() if is_urgent else None,
                next_at=max(now, last[one] + LEAST_BETWEEN) if one in last else now,
            )
            for one in to
        ]
        rows += [
            Dispatch(event=event, receiver=f"hook {hook.pk}", hook=hook, next_at=now)
            for hook in hooks
        ]
        Dispatch.objects.bulk_create(rows, ignore_conflicts=True)


def _last_letters(receivers: Sequence[str]) -> Mapping[str, datetime]:
    """Return when each receiver's last letter that could wait was tried."""
    sent = Dispatch.objects.filter(receiver__in=receivers, hook=None, tried_at__isnull=False)
    sent = sent.exclude(event__kind__in=URGENT)
    return dict(sent.values_list("receiver").annotate(last=Max("tried_at")).order_by())


def claim_next(now: datetime) -> Errand | None:
    """Return what is due, for this worker alone until its time for another attempt has come.

    Letters come before hooks: somebody may wait for one, and a hook that hangs takes its time. What
    waits longer than anything does was put off by a clock that was set back since.
    """
    with transaction.atomic():
        rows = Dispatch.objects.filter(outcome=Outcome.OPEN).select_for_update(of=("self",))
        due = rows.filter(Q(next_at__lte=now) | Q(next_at__gt=now + LONGEST_WAIT))
        first = due.order_by(F("hook").asc(nulls_first=True), "next_at", "pk").first()
        if first is None:
            return None
        if first.hook_id is None and first.letter is None:
            first.letter = uuid4()
            rows.filter(receiver=first.receiver, hook=None, letter=None).update(letter=first.letter)
        mine = rows.filter(letter=first.letter) if first.letter else rows.filter(pk=first.pk)
        attempts = first.attempts + 1
        keys = list(mine.values_list("pk", flat=True))
        claimed = Dispatch.objects.filter(pk__in=keys)
        claimed.update(attempts=attempts, tried_at=now, next_at=now + wait_after(attempts))
    found = claimed.select_related("event", "hook").order_by("event__at", "pk")
    return Errand(first.receiver, found[0].hook, first.letter, list(found))


def conclude(
    claim: Errand, outcome: Outcome, now: datetime, *, status: int | None = None, error: str = ""
) -> bool:
    """Put on record how an attempt went; tell whether it was given up now.

    `outcome` is DELIVERED, DROPPED, or GIVEN_UP, or OPEN where it is tried again: which is given up
    too once it has been tried for long enough.
    """
    begun = claim.events[0].spread_at or now
    if outcome == Outcome.OPEN and is_given_up(begun, now):
        outcome = Outcome.GIVEN_UP
    Dispatch.objects.filter(pk__in=[one.pk for one in claim.dispatches]).update(
        outcome=outcome,
        status=status,
        error=error[:LONGEST_ERROR],
        ended_at=None if outcome == Outcome.OPEN else now,
    )
    return outcome == Outcome.GIVEN_UP


def put_off(dispatches: QuerySet[Dispatch], until: datetime) -> None:
    """Let what is due, and would meet the same trouble as one that was just tried, wait too."""
    dispatches.filter(outcome=Outcome.OPEN, next_at__lt=until).update(next_at=until)


def send_again(dispatch: Dispatch, now: datetime) -> None:
    """Let a delivery be tried again at once, whatever came of it; its identifiers stay."""
    Dispatch.objects.filter(pk=dispatch.pk).update(
        outcome=Outcome.OPEN, attempts=0, next_at=now, ended_at=None
    )


def prune(now: datetime) -> None:
    """Delete what has been on record for long enough."""
    Event.objects.filter(at__lt=now - KEPT_FOR).delete()
