"""What is put into the outbox goes to each receiver, and again until it arrives."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from ratings.outbox.dispatching import (
    Errand,
    claim_next,
    conclude,
    prune,
    send_again,
    spread,
    waiting_events,
)
from ratings.outbox.forgetting import forget_receivers, forget_team
from ratings.outbox.models import Dispatch, Event
from ratings.outbox.recording import call_for_a_person, record_event
from ratings.outbox.retry_times import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    LEAST_BETWEEN,
    LONGEST_WAIT,
    wait_after,
)
from tests.builders import NOW
from tests.outbox.builders import build_hook

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
Outcome = Dispatch.Outcome


def spread_all(now: datetime, *receivers: str) -> None:
    for event in waiting_events():
        spread(event, receivers, [], now)


def claimed(now: datetime) -> Errand:
    claim = claim_next(now)
    assert claim is not None
    return claim


def outcomes() -> list[str]:
    return list(Dispatch.objects.order_by("pk").values_list("outcome", flat=True))


def test_an_event_is_there_if_its_act_is() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record_event(Event.Kind.SCORED, NOW, team=1, about="x")
        raise ZeroDivisionError
    assert not Event.objects.exists()
    with transaction.atomic():
        record_event(Event.Kind.SCORED, NOW, team=1, about="x")
    assert Event.objects.get().about == "x"


def test_what_is_single_is_recorded_once() -> None:
    for _ in range(2):
        call_for_a_person("The disk is full. Delete.", NOW, single="disk")
        record_event(Event.Kind.SCORED, NOW)  # without a key each is one of its own
    kinds = sorted(Event.objects.values_list("kind", flat=True))
    assert kinds == ["person.needed", "submission.scored", "submission.scored"]


def test_an_event_is_spread_once_however_many_try() -> None:
    record_event(Event.Kind.SCORED, NOW)
    (event,) = waiting_events()
    for receiver in ("team 1", "team 2"):
        spread(event, [receiver], [], NOW)
    assert [row.receiver for row in Dispatch.objects.all()] == ["team 1"]
    assert not waiting_events()


def test_what_is_claimed_is_no_one_else_s_until_its_next_attempt() -> None:
    record_event(Event.Kind.SCORED, NOW)
    spread_all(NOW, "team 1")
    first = claimed(NOW)
    assert claim_next(NOW) is None
    again = claimed(NOW + wait_after(1))  # as after a kill: nothing was concluded
    assert (again.letter, again.dispatches[0].attempts) == (first.letter, 2)
    assert not conclude(again, Outcome.DELIVERED, NOW)
    assert claim_next(NOW + timedelta(days=1)) is None
    assert outcomes() == ["delivered"]


def test_waits_grow_and_end() -> None:
    waits = [wait_after(attempts) / MINUTE for attempts in range(1, 8)]
    assert waits == [1, 4, 16, 64, 256, 360, 360] and wait_after(1000) == timedelta(hours=6)


def test_what_fails_for_long_is_given_up() -> None:
    record_event(Event.Kind.SCORED, NOW)
    spread_all(NOW, "team 1")
    now, attempts, is_over = NOW, 0, False
    while not is_over:
        claim = claimed(now)
        attempts += 1
        is_over = conclude(claim, Outcome.OPEN, now, error="away")
        now = now if is_over else claim.dispatches[0].next_at
    assert now >= NOW + GIVEN_UP_AFTER and attempts == 18
    assert outcomes() == ["given-up"] and claim_next(now + timedelta(days=9)) is None
    send_again(Dispatch.objects.get(), now)
    assert claimed(now).events


def test_what_comes_together_is_one_letter_and_the_next_one_waits() -> None:
    for _ in range(300):
        record_event(Event.Kind.FAILED, NOW)
    spread_all(NOW, "team 1")
    first = claimed(NOW)
    assert len(first.events) == 300
    conclude(first, Outcome.DELIVERED, NOW)
    for minutes in (1, 5):
        record_event(Event.Kind.FAILED, NOW)
        spread_all(NOW + minutes * MINUTE, "team 1", f"team {minutes + 1}")
    # Whoever had none gets one at once; the others later, with all that came until then.
    now = NOW + 5 * MINUTE
    others = [claimed(now), claimed(now)]
    assert [claim.receiver for claim in others] == ["team 2", "team 6"]
    assert claim_next(now) is None
    for claim in others:
        conclude(claim, Outcome.DELIVERED, now)
    assert len(claimed(NOW + LEAST_BETWEEN).events) == 2


def test_what_somebody_waits_for_comes_at_once_and_alone() -> None:
    record_event(Event.Kind.FAILED, NOW)
    spread_all(NOW, "team 1")
    conclude(claimed(NOW), Outcome.DELIVERED, NOW)
    for _ in range(2):
        record_event(Event.Kind.PASSWORD, NOW)
        spread_all(NOW, "team 1")
    links = [claimed(NOW), claimed(NOW)]
    assert links[0].letter != links[1].letter
    for claim in links:
        conclude(claim, Outcome.DELIVERED, NOW)
    record_event(Event.Kind.FAILED, NOW)
    spread_all(NOW + LEAST_BETWEEN, "team 1")
    assert claimed(NOW + LEAST_BETWEEN).events[0].kind == Event.Kind.FAILED


def test_what_is_too_old_is_told_to_nobody() -> None:
    record_event(Event.Kind.SOON, NOW)
    spread_all(NOW + GIVEN_UP_AFTER, "team 1")
    assert not Dispatch.objects.exists() and not waiting_events()


def test_each_hook_gets_each_event_by_itself() -> None:
    hook = build_hook()
    record_event(Event.Kind.SCORED, NOW)
    record_event(Event.Kind.FAILED, NOW + MINUTE)
    for event in waiting_events():
        spread(event, [], [hook], NOW + MINUTE)
    claims = [claimed(NOW + MINUTE), claimed(NOW + MINUTE)]
    assert [len(claim.events) for claim in claims] == [1, 1]
    assert {claim.hook for claim in claims} == {hook}


def test_what_is_old_or_erased_goes() -> None:
    record_event(Event.Kind.SCORED, NOW, team=5)
    record_event(Event.Kind.ANNOUNCED, NOW)
    spread_all(NOW, "team 5", "member 7")
    forget_team(5)
    forget_receivers("team 5")
    (left,) = Dispatch.objects.all()
    assert (left.receiver, left.event.kind) == ("member 7", Event.Kind.ANNOUNCED)
    prune(NOW + KEPT_FOR)
    assert Event.objects.exists()
    prune(NOW + KEPT_FOR + MINUTE)
    assert not Event.objects.exists() and not Dispatch.objects.exists()


def test_a_letter_waits_for_no_hook() -> None:
    record_event(Event.Kind.SCORED, NOW)
    (scored,) = waiting_events()
    spread(scored, [], [build_hook(), build_hook()], NOW)
    record_event(Event.Kind.PASSWORD, NOW + MINUTE, team=5)
    spread_all(NOW + MINUTE, "team 5")
    found = [claimed(NOW + MINUTE).receiver for _ in range(3)]
    assert found[0] == "team 5" and all(one.startswith("hook") for one in found[1:])


def test_what_a_clock_put_off_that_was_wrong_is_due() -> None:
    record_event(Event.Kind.SCORED, NOW)
    spread_all(NOW, "team 5")
    Dispatch.objects.update(next_at=NOW + LONGEST_WAIT)
    assert claim_next(NOW) is None
    Dispatch.objects.update(next_at=NOW + 400 * LONGEST_WAIT)
    assert claimed(NOW).receiver == "team 5"
