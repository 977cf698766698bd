"""The desk's page of the site's mail: what is sent by default, and what did not arrive."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.notices.addressees import addressee_of
from ratings.notices.mail_choices import SITE_TEAM, SITE_USER
from ratings.outbox.dispatching import send_again
from ratings.outbox.models import Dispatch
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.mail_switches import set_switches, switches
from ratings.web.parts.paging import page_of


@dataclass(frozen=True)
class UndeliveredLine:
    """A letter that did not arrive yet, or at all, and to whom it was."""

    dispatch: Dispatch
    whom: str


@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def site_mail(request: HttpRequest) -> HttpResponse:
    """Show the defaults and what is undelivered; set the defaults of teams, or of organizers."""
    if request.method == "POST":
        set_switches(request, SITE_USER if request.POST.get("of") == "users" else SITE_TEAM)
        return redirect("web:desk-mail")
    shown = page_of(request, _undelivered())
    page = {
        "mails": mail_is_set_up(),
        "server": settings.EMAIL_HOST,
        "sender": settings.DEFAULT_FROM_EMAIL,
        "site": settings.SITE_ADDRESS,
        "audiences": [
            ("teams", "Teams and their members", switches(SITE_TEAM)),
            ("users", "Organizers", switches(SITE_USER)),
        ],
        "page": shown,
        "lines": _lines(shown.rows),
    }
    return render(request, "desk/mail.html", page)


@desk_page
@require_POST
def mail_again(request: HttpRequest) -> HttpResponse:
    """Let a letter be tried again now."""
    text = request.POST.get("dispatch", "")
    key = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    send_again(get_object_or_404(Dispatch, pk=key, hook=None), timezone.now())
    return redirect("web:desk-mail")


def _undelivered() -> QuerySet[Dispatch]:
    rows = Dispatch.objects.filter(hook=None, tried_at__isnull=False).select_related("event")
    waiting = [Dispatch.Outcome.OPEN, Dispatch.Outcome.GIVEN_UP]
    return rows.filter(outcome__in=waiting).order_by("-tried_at", "-pk")


def _lines(rows: Sequence[Dispatch]) -> list[UndeliveredLine]:
    found = {one: addressee_of(one) for one in {row.receiver for row in rows}}
    return [UndeliveredLine(row, str(found[row.receiver] or "nobody any more")) for row in rows]
