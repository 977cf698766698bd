"""The desk's page of accounts: who there is with which role, invitations, lost passwords."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.access import account_links
from ratings.challenge.access.accounts import HeldRole, accounts, give_role, roles_held, take_role
from ratings.challenge.access.links import LASTS
from ratings.challenge.models import Challenge, Membership
from ratings.challenge.refusals import Refused
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of

NEW_LINK = "new_account_link"  # in the session, until the next page has shown it


@dataclass(frozen=True)
class AccountLine:
    """An account with its roles; `is_own` marks that of whoever looks."""

    user: User
    roles: list[HeldRole]
    is_own: bool


@desk_page
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """List accounts and open invitations, with what may be done about them."""
    return _page(request)


@desk_page
@require_POST
def act_on_accounts(request: HttpRequest, what: str) -> HttpResponse:
    """Do one thing about accounts, on record; say what stands against it."""
    if what not in ACTS:
        raise Http404
    try:
        token = ACTS[what](request, request.user.get_username(), timezone.now())
    except Refused as refused:
        return _page(request, refused.problems)
    if token:
        request.session[NEW_LINK] = token
    return redirect("web:accounts")


def _page(request: HttpRequest, problems: list[str] | None = None) -> HttpResponse:
    token = request.session.pop(NEW_LINK, "")
    address = token and reverse("web:account-link", args=[token])
    shown, waiting = page_of(request, accounts()), account_links.open_invitations(timezone.now())
    page = {
        "page": shown,
        "lines": [
            AccountLine(user, roles_held(user), user.pk == request.user.pk) for user in shown.rows
        ],
        "invitations": page_of(request, waiting, "invitations"),
        "roles": Membership.Role.choices,
        "challenges": Challenge.objects.order_by("-pk"),
        "new_link": address and request.build_absolute_uri(address),
        "link_days": LASTS.days,
        "problems": problems or [],
        "asked": request.POST,
    }
    return render(request, "desk/accounts.html", page, status=422 if problems else 200)


def _invite(request: HttpRequest, by: str, at: datetime) -> str:
    label, role = request.POST.get("label", ""), request.POST.get("role", "")
    return account_links.invite(label, role, _where(request), by, at)


def _uninvite(request: HttpRequest, by: str, at: datetime) -> None:
    waiting = account_links.open_invitations(at)
    account_links.uninvite(get_object_or_404(waiting, pk=_key(request, "invitation")), by, at)


def _give(request: HttpRequest, by: str, at: datetime) -> None:
    give_role(_account(request), request.POST.get("role", ""), _where(request), by, at)


def _take(request: HttpRequest, by: str, at: datetime) -> None:
    take_role(_account(request), _where(request), by, at)


def _reset(request: HttpRequest, by: str, at: datetime) -> str:
    return account_links.reset_password(
        _account(request), get_object_or_404(User, pk=request.user.pk), at
    )


def _account(request: HttpRequest) -> User:
    return get_object_or_404(accounts(), pk=_key(request, "account"))


def _where(request: HttpRequest) -> Challenge | None:
    """Return the challenge that the form names; None for the whole site, which it says so."""
    slug = request.POST.get("challenge", "")
    if slug == WHOLE_SITE:
        return None
    return get_object_or_404(Challenge, slug=slug)


def _key(request: HttpRequest, name: str) -> int:
    """Return the key of a row that the form names. Raises Http404 where it is none."""
    value = request.POST.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise Http404
    return int(value)


WHOLE_SITE = "*"  # no slug has a star
ACTS: dict[str, Callable[[HttpRequest, str, datetime], str | None]] = {
    "invite": _invite,
    "uninvite": _uninvite,
    "give": _give,
    "take": _take,
    "reset": _reset,
}
