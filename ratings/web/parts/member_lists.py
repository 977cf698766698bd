"""Members of a team as its own page and the desk show them, and what may be done about them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from ratings.challenge.access.limits import client_address
from ratings.challenge.access.links import LASTS
from ratings.challenge.models import AccountLink, Member, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.challenge.teams.team_logins import BY_MEMBER, BY_TEAM
from ratings.challenge.teams.team_members import (
    owner_of,
    remove_member,
    reset_member,
    team_invitations,
    uninvite_member,
)
from ratings.jobs.mailing import invite_to_team
from ratings.web.parts.paging import ListPage, page_of

NEW_LINK, TOLD = "new_member_link", "told_of_members"  # in the session, until a page has shown it


@dataclass(frozen=True)
class MembersPart:
    """A team's members and invitations, with where each act is sent; `told` is what one did."""

    page: ListPage
    owner: Member | None
    own: Member | None  # who looks
    may_change: bool
    invitations: ListPage
    acts: dict[str, str]
    take_back: str  # where an invitation is taken back, by whom may
    new_link: str
    told: str
    mails: bool
    days: int


def member_list(
    request: HttpRequest,
    team: Team,
    now: datetime,
    address: Callable[[str], str],
    *,
    may_change: bool,
    own: Member | None = None,
) -> MembersPart:
    """Return what a page shows of a team's members; `address` is that of an act by its name."""
    return MembersPart(
        page=page_of(request, team.members.all(), "members"),
        owner=owner_of(team),
        own=own,
        may_change=may_change,
        invitations=page_of(request, team_invitations(team, now), "invitations"),
        acts={what: address(what) for what in MEMBER_ACTS},
        take_back=address("uninvite") if may_change else "",
        new_link=request.session.pop(NEW_LINK, ""),
        told=request.session.pop(TOLD, ""),
        mails=mail_is_set_up(),
        days=LASTS.days,
    )


def do_about_members(request: HttpRequest, team: Team, what: str, by: str, now: datetime) -> None:
    """Do what a form asks, signed by `by`; the next page shows what came of it, a link this once.

    Raises Refused, or Http404 for what there is not.
    """
    MEMBER_ACTS[what](request, team, by, now)


def own_acts(request: HttpRequest, team: Team) -> ListPage:
    """Return a page of what was done for the team by itself and its members, the newest first."""
    acts = team.audit_entries.filter(by=BY_TEAM) | team.audit_entries.filter(
        by__startswith=BY_MEMBER
    )
    return page_of(request, acts.select_related("about"), "record")


def member_named(request: HttpRequest, team: Team) -> Member:
    """Return the member that a form names. Raises Http404."""
    return get_object_or_404(team.members.select_related("team"), pk=_key(request, "member"))


def _invite(request: HttpRequest, team: Team, by: str, now: datetime) -> None:
    slug, email = team.challenge.slug, request.POST.get("email", "").strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise Refused("account-link", f"{email!r} is no e-mail address.") from error
    page = request.build_absolute_uri(reverse("web:team-members", args=[slug]) + "join/")
    label, address = request.POST.get("label", ""), client_address(request.META)
    token = invite_to_team(team, label, email, by, now, address)
    if token:
        request.session[NEW_LINK] = f"{page}{token}/"
    else:
        request.session[TOLD] = f"The invitation is on its way to {email}."


def _uninvite(request: HttpRequest, team: Team, by: str, now: datetime) -> None:
    waiting = team_invitations(team, now)
    invitation: AccountLink = get_object_or_404(waiting, pk=_key(request, "invitation"))
    uninvite_member(invitation, by, now)


def _remove(request: HttpRequest, team: Team, by: str, now: datetime) -> None:
    member = member_named(request, team)
    remove_member(member, by, now)
    request.session[TOLD] = f"{member.name} is a member no more."


def _reset(request: HttpRequest, team: Team, by: str, now: datetime) -> None:
    token = reset_member(member_named(request, team), by, now)
    path = reverse("web:new-password", args=[team.challenge.slug, token])
    request.session[NEW_LINK] = request.build_absolute_uri(path)


def _key(request: HttpRequest, name: str) -> int:
    """Return the key of a row that a form names. Raises Http404 where it is none."""
    value = request.POST.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise Http404
    return int(value)


MEMBER_ACTS: dict[str, Callable[[HttpRequest, Team, str, datetime], None]] = {
    "invite": _invite,
    "uninvite": _uninvite,
    "remove": _remove,
    "reset": _reset,
}
