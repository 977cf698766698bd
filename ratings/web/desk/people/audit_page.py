"""The desk's page of the audit log: who did what by hand, when, and about whom."""

from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ratings.challenge.access.audit_log import AuditQuery
from ratings.challenge.access.permissions import Permission, within
from ratings.challenge.models import AuditEntry, Challenge
from ratings.web.desk.parts.guards import anywhere

ENTRIES_SHOWN = 500
TEXTS, DAYS = ("person", "kind", "challenge"), ("since", "until")


@anywhere(Permission.READ)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """List the newest entries that the filter leaves; the API has all of them, as CSV too."""
    asked = {key: request.GET.get(key, "").strip() for key in (*TEXTS, *DAYS)}
    days, problems = _days(asked)
    person, kind, challenge = (asked[key] for key in TEXTS)
    query = AuditQuery(person, kind, challenge, days.get("since"), days.get("until"))
    readable = within(request.user, Permission.READ, "challenge__")
    entries = query.entries().filter(readable).select_related("about")
    page = {
        "entries": entries[:ENTRIES_SHOWN],
        "count": entries.count(),
        "shown": ENTRIES_SHOWN,
        "asked": asked,
        "kinds": AuditEntry.Kind.choices,
        "challenges": Challenge.objects.filter(within(request.user, Permission.READ)),
        "query": urlencode({key: value for key, value in asked.items() if value}),
        "problems": problems,
    }
    return render(request, "desk/audit.html", page, status=422 if problems else 200)


def _days(asked: dict[str, str]) -> tuple[dict[str, date], list[str]]:
    """Return the days that were asked for, and what is wrong with those that are none."""
    days, problems = {}, []
    for key in filter(asked.get, DAYS):
        try:
            days[key] = date.fromisoformat(asked[key])
        except ValueError:
            problems.append(f"{asked[key]!r} is no day; write it as 2018-04-22.")
    return days, problems
