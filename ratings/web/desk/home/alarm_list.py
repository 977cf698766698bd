"""The desk's list of alarms: what is on, what was, and who sees to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from ratings.challenge.access.permissions import Permission, within
from ratings.challenge.models import Alarm
from ratings.health.alarms import acknowledge, open_alarms
from ratings.web.desk.parts.guards import anywhere
from ratings.web.parts.words.formatting import span

LATELY = timedelta(days=7)
SHOWN = 10


@dataclass(frozen=True)
class AlarmLine:
    """One alarm that is on: for how long, and who has acknowledged it, "" for nobody."""

    alarm: Alarm
    lasts: str
    seen_by: str


def alarm_lines(alarms: Sequence[Alarm], now: datetime) -> list[AlarmLine]:
    """Return how alarms that are on stand on a page."""
    return [AlarmLine(alarm, span(now - alarm.since), _seen_by(alarm)) for alarm in alarms]


def alarms_on(readable: Q) -> list[Alarm]:
    """Return the alarms that are on, of what a reader may see."""
    return list(open_alarms().filter(readable))


def alarms_over(readable: Q, now: datetime) -> list[AlarmLine]:
    """Return the last alarms of these days that are over, with how long each was on."""
    over = Alarm.objects.filter(readable, ended_at__gt=now - LATELY)
    return [
        AlarmLine(alarm, span((alarm.ended_at or now) - alarm.since), _seen_by(alarm))
        for alarm in over.select_related("acknowledged_by").order_by("-ended_at", "-pk")[:SHOWN]
    ]


def _seen_by(alarm: Alarm) -> str:
    if not alarm.acknowledged_at:
        return ""
    return alarm.acknowledged_by.get_username() if alarm.acknowledged_by else "a former organizer"


@anywhere(Permission.CHANGE)
@require_POST
def acknowledge_alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """Put on record that the organizer who asks sees to an alarm of a challenge of theirs."""
    mine = open_alarms().filter(within(request.user, Permission.CHANGE, "challenge__"))
    alarm = get_object_or_404(mine, pk=pk)
    if isinstance(request.user, User):
        acknowledge(alarm, request.user, timezone.now())
    return redirect("/desk/#alarms")
