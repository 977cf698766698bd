"""The watch: what begins to be wrong is on record, and in the outbox for a person, together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from ratings.health.site_facts import read_facts
from ratings.health.watching import watch_over
from ratings.outbox.models import Event

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def needs() -> list[str]:
    """Return what the outbox has for a person, in order."""
    events = Event.objects.filter(kind=Event.Kind.NEEDED).order_by("pk")
    return [event.facts["words"] for event in events]


def test_an_alarm_that_begins_calls_for_a_person_once() -> None:
    ill = replace(read_facts(NOW), workers_alive=1, sandbox_faults=1)
    (begun,) = watch_over(ill, NOW)
    assert begun.key == "site/sandbox"
    assert needs() == [f"{begun.title} {begun.mend}"]
    assert watch_over(ill, NOW + MINUTE) == []
    assert len(needs()) == 1


def test_what_comes_and_goes_calls_once_a_day() -> None:
    well = replace(read_facts(NOW), workers_alive=1)
    ill = replace(well, sandbox_faults=1)
    for moment, facts in enumerate([ill, well, ill]):
        watch_over(facts, NOW + moment * MINUTE)
    assert len(needs()) == 1
    watch_over(well, NOW + 4 * MINUTE)
    watch_over(ill, NOW + timedelta(days=1))
    assert len(needs()) == 2
