"""The one list of alarms: what is found is put on record, and what is over ends by itself.

Whoever sends alarms on asks `note_alarms`, which returns those that begin, each once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from ratings.challenge.models import Alarm
from ratings.health.complaints import complaints
from ratings.health.site_facts import SiteFacts

# What an alarm's key begins with: who looks at the site says nothing of studies.
SITE, STUDIES = "site/", "study/"
KEPT = timedelta(days=366)
LONGEST_TITLE = 300


@dataclass(frozen=True)
class FoundAlarm:
    """What is wrong now: what it means and the mend, in words, and since when, if that is known.

    `challenge` is the key of the one it is about, `path` the desk's page on it.
    """

    key: str
    title: str
    means: str = ""
    mend: str = ""
    since: datetime | None = None
    challenge: int | None = None
    path: str = ""


def site_alarms(facts: SiteFacts) -> list[FoundAlarm]:
    """Return what is wrong with the site itself."""
    return [
        FoundAlarm(f"{SITE}{about}", complaint.wrong, mend=complaint.mend)
        for about, complaint in complaints(facts).items()
    ]


def note_alarms(found: Sequence[FoundAlarm], now: datetime, about: str) -> list[Alarm]:
    """Put on record what was found, and end what was not; return the alarms that begin.

    `about`, SITE or STUDIES, is what was looked at: other alarms stay as they are. Those that go on
    keep their beginning, and who acknowledged them.
    """
    wrong = {one.key: one for one in found}
    on = {alarm.key: alarm for alarm in open_alarms().filter(key__startswith=about)}
    over = [alarm.pk for key, alarm in on.items() if key not in wrong]
    if over:
        Alarm.objects.filter(pk__in=over, ended_at=None).update(ended_at=now)
    for key in on.keys() & wrong.keys():
        _renew(on[key], wrong[key])
    new = [_alarm(one, now) for key, one in wrong.items() if key not in on]
    if not new:
        return []
    # Another process may have found the same meanwhile: then it is on record.
    Alarm.objects.bulk_create(new, ignore_conflicts=True)
    keys = [alarm.key for alarm in new]
    return list(open_alarms().filter(key__in=keys, found_at=now))


def drop_old(now: datetime) -> None:
    """Delete the alarms that have been over for a year."""
    Alarm.objects.filter(ended_at__lt=now - KEPT).delete()


def _renew(alarm: Alarm, found: FoundAlarm) -> None:
    """Let an alarm say what is wrong now."""
    said = {
        "title": _cut(found.title),
        "means": found.means,
        "mend": found.mend,
        "path": found.path,
    }
    if any(getattr(alarm, name) != value for name, value in said.items()):
        Alarm.objects.filter(pk=alarm.pk).update(**said)


def _cut(title: str) -> str:
    """Return a title as its column takes it: it may name any number of studies."""
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 2]} …"


def _alarm(found: FoundAlarm, now: datetime) -> Alarm:
    return Alarm(
        key=found.key,
        challenge_id=found.challenge,
        title=_cut(found.title),
        means=found.means,
        mend=found.mend,
        path=found.path,
        since=min(found.since or now, now),
        found_at=now,
    )


def open_alarms() -> QuerySet[Alarm]:
    """Return the alarms that are on, those that nobody has acknowledged first, then by age."""
    on = Alarm.objects.filter(ended_at=None).select_related("challenge", "acknowledged_by")
    return on.order_by(F("acknowledged_at").asc(nulls_first=True), "since", "pk")


def acknowledge(alarm: Alarm, by: User, now: datetime) -> None:
    """Put on record who sees to an alarm; the first one stays. It ends when it is over."""
    Alarm.objects.filter(pk=alarm.pk, acknowledged_at=None).update(
        acknowledged_at=now, acknowledged_by=by
    )
