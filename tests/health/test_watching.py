"""The watch: what begins to be wrong is on record, and in the outbox for a person, together."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from ratings.challenge.models import Challenge
from ratings.comparisons.judgments import drop_streams
from ratings.health.site_facts import read_facts
from ratings.health.watching import watch_over
from ratings.outbox.models import Event
from tests.comparisons.builders import build_study

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


@pytest.mark.django_db(transaction=True)
def test_a_study_whose_answers_cant_be_read_hides_no_alarm_of_the_site(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build_study(is_open=True)
    Challenge.objects.update(draft=False)
    monkeypatch.setattr(drop_streams, "MOST", -1)  # the database refuses such a limit
    ill = replace(read_facts(NOW), workers_alive=1, sandbox_faults=1)
    (begun,) = watch_over(ill, NOW)
    assert begun.key == "site/sandbox" and "could not be watched" in caplog.text


def test_what_comes_and_goes_calls_once_a_day() -> None:
    well = replace(read_facts(NOW), workers_alive=1)
    ill = replace(well, sandbox_faults=1)
    for moment, facts in enumerate([ill, well, ill]):
        watch_over(facts, NOW + moment * MINUTE)
    assert len(needs()) == 1
    watch_over(well, NOW + 4 * MINUTE)
    watch_over(ill, NOW + timedelta(days=1))
    assert len(needs()) == 2
