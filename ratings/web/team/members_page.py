"""A team's members on the pages: who there is, invited, removed; and the door of an invitation."""

from dataclasses import replace
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import team_sessions
from ratings.challenge.teams.team_logins import Actor
from ratings.challenge.teams.team_members import find_invitation, join_team, owns, require_owner
from ratings.web.parts.base_context import challenge_frame, visible_challenge
from ratings.web.parts.member_lists import (
    MEMBER_ACTS,
    do_about_members,
    member_list,
    member_named,
    own_acts,
)
from ratings.web.parts.viewpoint import now_of
from ratings.web.team.door import Door, Other, email_field, form_problems, name_field
from ratings.web.team.team_account import FORM, TwiceForm
from ratings.web.team.team_sign_in import signed_in_actor


class JoinForm(TwiceForm):
    """A new member."""

    name = name_field(label="Your name, for the team and the organizers")
    email = email_field(label="E-mail, for a lost password; may be left empty", required=False)
    field_order = ["name", "email", "password", "again"]


JOIN = Door(
    "Join a team",
    "By a name and a password of your own; what you do then, you do for the team.",
    "Join",
    (Other("A member already?", "Sign in", "web:team-sign-in"),),
)


@never_cache
@require_safe
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a signed-in team its members and what they did, with what its owner may do."""
    challenge = visible_challenge(request, slug)
    actor = signed_in_actor(request, challenge)
    if actor is None:
        return redirect("web:team-sign-in", slug)
    return _page(request, challenge, actor)


@never_cache
@require_POST
def act_on_members(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Do one thing about members, as their owner, or leave; say what stands against it."""
    challenge = visible_challenge(request, slug)
    actor = signed_in_actor(request, challenge)
    if actor is None:
        return redirect("web:team-sign-in", slug)
    if what not in MEMBER_ACTS:
        raise Http404
    try:
        if not (what == "remove" and member_named(request, actor.team) == actor.member):
            require_owner(actor)
        do_about_members(request, actor.team, what, actor.signature, now_of(request))
    except Refused as refused:
        return _page(request, challenge, actor, refused.problems)
    return redirect("web:team-members", slug)


@never_cache
@require_http_methods(FORM)
def join(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Let whoever has the link join the team, and sign them in."""
    challenge, now = visible_challenge(request, slug), now_of(request)
    try:
        invitation = find_invitation(challenge, token, now)
    except Refused as refused:
        return JOIN.show(request, challenge, None, refused.problems)
    form = JoinForm(request.POST or None, initial={"email": invitation.email})
    problems = form_problems(form)
    if form.is_valid():
        try:
            actor = join_team(challenge, token, now, **form.cleaned_data)
            team_sessions.sign_in(request.session, actor)
            return redirect("web:submit", slug)
        except Refused as refused:
            problems = refused.problems
    door = replace(JOIN, title=f"Join {invitation.team}")
    return door.show(request, challenge, form, problems)


def _page(
    request: HttpRequest, challenge: Challenge, actor: Actor, problems: list[str] | None = None
) -> HttpResponse:
    now, team = now_of(request), actor.team
    address = partial(_address, challenge.slug)
    shown = member_list(request, team, now, address, may_change=owns(actor), own=actor.member)
    record = own_acts(request, team)
    page = {
        "team": team,
        "members": shown,
        "record": record,
        "audit_entries": record.rows,
        "problems": problems or [],
    }
    frame = challenge_frame(request, challenge, now, "Submit")
    return render(request, "team_members.html", frame | page, status=422 if problems else 200)


def _address(slug: str, what: str) -> str:
    return reverse("web:team-members-act", args=[slug, what])
