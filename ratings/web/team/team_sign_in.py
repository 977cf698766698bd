"""Teams on the pages: signing in with the team's password or a member's, and out again."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ratings.challenge.access.limits import TEAM_LOGIN, client_address
from ratings.challenge.models import Challenge, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import team_sessions
from ratings.challenge.teams.team_logins import Actor, authenticate
from ratings.challenge.teams.team_names import owner_key
from ratings.web.parts.base_context import visible_challenge
from ratings.web.parts.viewpoint import now_of, preview_of
from ratings.web.team.door import (
    TO_LOST,
    TO_REGISTER,
    Door,
    form_problems,
    name_field,
    password_field,
)


class TeamForm(forms.Form):
    """A team's name and password, as its submissions send them, or a member's own."""

    name = name_field(label="Team name, or your own name")
    password = password_field("Password")


DOOR = Door(
    "Your team",
    "With the name and password of your team: the ones that you registered, or that your first "
    "submission set. Members come in by their own name, or e-mail address, and password.",
    "Sign in",
    (TO_REGISTER, TO_LOST),
)


def signed_in_actor(request: HttpRequest, challenge: Challenge) -> Actor | None:
    """Return who is signed in for a team of this challenge, or the team that a preview is as."""
    if preview := preview_of(request):
        return Actor(preview.team) if preview.team else None
    return team_sessions.signed_in(request.session, challenge)


def signed_in_team(request: HttpRequest, challenge: Challenge) -> Team | None:
    """Return the team of this challenge that is signed in, or that a preview is as."""
    actor = signed_in_actor(request, challenge)
    return actor.team if actor else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for name and password; then show the team's own page."""
    challenge = visible_challenge(request, slug)
    form = TeamForm(request.POST or None)
    if form.is_valid():
        try:
            team_sessions.sign_in(request.session, _proven(request, challenge, **form.cleaned_data))
            return redirect("web:submit", slug)
        except Refused as refused:
            return DOOR.refuse(request, challenge, form, refused)
    return DOOR.show(request, challenge, form, form_problems(form))


@require_POST
def sign_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget the team."""
    challenge = visible_challenge(request, slug)
    team_sessions.sign_out(request.session, challenge)
    return redirect("web:submit", slug)


def _proven(request: HttpRequest, challenge: Challenge, name: str, password: str) -> Actor:
    """Return who acts by this name and password.

    Raises Refused, code "wrong-password" or "too-many-failures".
    """
    address = client_address(request.META)
    with TEAM_LOGIN.attempt(owner_key(challenge, name), address, now_of(request)):
        return authenticate(challenge, name, password)
