"""The list of alarms: each begins once, says what is wrong now, and ends when it is over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ratings.challenge.models import Alarm
from ratings.health.alarms import (
    KEPT,
    SITE,
    STUDIES,
    FoundAlarm,
    acknowledge,
    drop_old,
    note_alarms,
    open_alarms,
)
from tests.builders import build_organizer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)
DISK = FoundAlarm("site/disk", "Only 9% is free.", mend="Delete.")


def test_an_alarm_begins_once_and_says_what_is_wrong_now() -> None:
    (begun,) = note_alarms([DISK], NOW, SITE)
    assert (begun.title, begun.mend, begun.since) == ("Only 9% is free.", "Delete.", NOW)
    worse = FoundAlarm("site/disk", "Only 8% is free.", mend="Delete.")
    assert note_alarms([worse], NOW + MINUTE, SITE) == []
    now_on = open_alarms().get()
    assert (now_on.pk, now_on.title, now_on.since) == (begun.pk, "Only 8% is free.", NOW)


def test_an_alarm_is_on_record_however_many_studies_it_names() -> None:
    title = ", ".join(f"study-{number} (12 min)" for number in range(500))
    (begun,) = note_alarms([FoundAlarm("site/rankings", title)], NOW, SITE)
    assert begun.title == f"{title[:298]} …"
    assert note_alarms([FoundAlarm("site/rankings", f"first, {title}")], NOW, SITE) == []
    assert open_alarms().get().title == f"first, {title[:291]} …"


def test_who_looks_at_studies_ends_no_alarm_of_the_site() -> None:
    note_alarms([DISK], NOW, SITE)
    note_alarms([], NOW, STUDIES)
    assert open_alarms().count() == 1
    note_alarms([], NOW + MINUTE, SITE)
    assert Alarm.objects.get().ended_at == NOW + MINUTE


def test_what_comes_again_is_a_new_alarm_that_nobody_has_seen() -> None:
    (first,) = note_alarms([DISK], NOW, SITE)
    acknowledge(first, build_organizer(), NOW)
    note_alarms([], NOW + MINUTE, SITE)
    (again,) = note_alarms([DISK], NOW + 2 * MINUTE, SITE)
    assert again.pk != first.pk and again.acknowledged_at is None


def test_the_first_who_sees_to_it_stays_on_record() -> None:
    (alarm,) = note_alarms([DISK], NOW, SITE)
    first, second = build_organizer(), build_organizer()
    acknowledge(alarm, first, NOW)
    acknowledge(alarm, second, NOW + MINUTE)
    assert open_alarms().get().acknowledged_by == first


def test_what_was_found_at_the_same_time_elsewhere_is_on_record_once() -> None:
    Alarm.objects.create(key="site/disk", title="x", since=NOW, found_at=NOW - MINUTE)
    assert note_alarms([DISK], NOW, SITE) == []
    assert Alarm.objects.count() == 1


def test_alarms_are_kept_for_a_year() -> None:
    note_alarms([DISK], NOW, SITE)
    note_alarms([], NOW, SITE)
    drop_old(NOW + KEPT)
    assert Alarm.objects.count() == 1
    drop_old(NOW + KEPT + MINUTE)
    assert not Alarm.objects.exists()
