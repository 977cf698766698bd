"""A team's account on the pages: registered, changed, and let in again without its password."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ratings.challenge.access.limits import REGISTERING, TEAM_LOGIN, client_address
from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import team_sessions
from ratings.challenge.teams.lost_passwords import actor_of_token, mail_is_set_up, renew_password
from ratings.challenge.teams.team_accounts import register as register_team
from ratings.challenge.teams.team_logins import (
    SHORTEST_PASSWORD,
    Actor,
    change_account,
    require_password,
)
from ratings.challenge.teams.team_names import owner_key
from ratings.jobs.mailing import NO_MAIL, ask_for_password_link
from ratings.web.parts.base_context import visible_challenge
from ratings.web.parts.viewpoint import now_of
from ratings.web.team.door import (
    TO_LOST,
    TO_SIGN_IN,
    Door,
    email_field,
    form_problems,
    name_field,
    password_field,
)
from ratings.web.team.team_sign_in import signed_in_actor

FORM = ("GET", "HEAD", "POST")
NEW_PASSWORD = f"New password, at least {SHORTEST_PASSWORD} characters"


class TwiceForm(forms.Form):
    """A new password, written twice since nobody sees it."""

    password = password_field(NEW_PASSWORD, "new-password")
    again = password_field("The same again", "new-password")

    def clean(self) -> dict[str, Any]:
        """Refuse two that differ."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("password", "") != found.pop("again", ""):
            raise forms.ValidationError("The two passwords differ; write the same twice.")
        return found


class RegisterForm(TwiceForm):
    """A new team."""

    name = name_field()
    email = email_field()
    field_order = ["name", "email", "password", "again"]


class AccountForm(TwiceForm):
    """What a team or a member may change of itself, with the password that holds until then."""

    email = email_field()
    password = password_field(f"{NEW_PASSWORD}; empty: as it is", "new-password", required=False)
    again = password_field("The same again", "new-password", required=False)
    current = password_field("Your password as it is now")
    field_order = ["email", "password", "again", "current"]


class NameForm(forms.Form):
    """Which team, or member."""

    name = name_field(label="Team name, or your own name")


REGISTER = Door(
    "Register a team",
    "The name and password of your team; members may have their own later. Boards show the name; "
    "the organizers alone see the address.",
    "Register",
    (TO_SIGN_IN,),
)
ACCOUNT = Door("Your account", "", "Save")
LOST = Door(
    "Lost password",
    "We send a link to the address that your team has with us, or you as its member; by it you set "
    "a new password.",
    "Send the link",
    (TO_SIGN_IN,),
    asks=True,
)
RENEW = Door("New password", "", "Set the password", (TO_LOST, TO_SIGN_IN))


@never_cache
@require_http_methods(FORM)
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a team and sign it in."""
    challenge = visible_challenge(request, slug)
    form = RegisterForm(request.POST or None)
    if form.is_valid():
        try:
            REGISTERING.count(slug, client_address(request.META), now_of(request))
            team = register_team(challenge, **form.cleaned_data)
            team_sessions.sign_in(request.session, Actor(team))
            return redirect("web:submit", slug)
        except Refused as refused:
            return REGISTER.refuse(request, challenge, form, refused)
    return REGISTER.show(request, challenge, form, form_problems(form))


@never_cache
@require_http_methods(FORM)
def account(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a signed-in team, or its member, change address and password."""
    challenge = visible_challenge(request, slug)
    actor = signed_in_actor(request, challenge)
    if actor is None:
        return redirect("web:team-sign-in", slug)
    form = _account_form(actor, request.POST or None)
    door, problems, done = ACCOUNT.of(_whose(actor)), form_problems(form), ""
    if form.is_valid():
        try:
            _change(request, challenge, actor, **form.cleaned_data)
            team_sessions.sign_in(request.session, actor)
            form, done = _account_form(actor), "Saved."
        except Refused as refused:
            return door.refuse(request, challenge, form, refused)
    return door.show(request, challenge, form, problems, done)


@never_cache
@require_http_methods(FORM)
def lost_password(request: HttpRequest, slug: str) -> HttpResponse:
    """Send a link to a new password, or say whom to ask where this site sends no mail."""
    challenge = visible_challenge(request, slug)
    if not mail_is_set_up():
        return LOST.show(request, challenge, None, done=NO_MAIL)
    form = NameForm(request.POST or None)
    if form.is_valid():
        name, address = form.cleaned_data["name"], client_address(request.META)
        try:
            ask_for_password_link(challenge, name, address, now_of(request))
            sent = "If there is such a team, and it has an address, the link is on its way there."
            return LOST.show(request, challenge, None, done=sent)
        except Refused as refused:
            return LOST.refuse(request, challenge, form, refused)
    return LOST.show(request, challenge, form, form_problems(form))


@never_cache
@require_http_methods(FORM)
def new_password(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Set the password by the token of a link, and sign the team in."""
    challenge = visible_challenge(request, slug)
    try:
        actor = actor_of_token(challenge, token)
    except Refused as refused:
        return RENEW.show(request, challenge, None, refused.problems)
    form = TwiceForm(request.POST or None)
    problems = form_problems(form)
    if form.is_valid():
        try:
            actor = renew_password(challenge, token, form.cleaned_data["password"])
            team_sessions.sign_in(request.session, actor)
            return redirect("web:submit", slug)
        except Refused as refused:
            problems = refused.problems
    return RENEW.of(_whose(actor)).show(request, challenge, form, problems)


def _account_form(actor: Actor, sent: QueryDict | None = None) -> AccountForm:
    """Return the form as sent, or as it stands; a member may have no address, a team has one."""
    form = AccountForm(sent, initial={"email": actor.holder.email})
    if actor.member:
        form.fields["email"].required = False
        form.fields["email"].label = "E-mail, for a lost password; empty: none"
    return form


def _change(
    request: HttpRequest, challenge: Challenge, actor: Actor, *, current: str, **fields: str
) -> None:
    """Change what is sent, if the password is right: who holds the session may not know it."""
    who, address = owner_key(challenge, actor.holder.name), client_address(request.META)
    with TEAM_LOGIN.attempt(who, address, now_of(request)):
        require_password(actor.holder, current)
    change_account(actor.holder, **fields)


def _whose(actor: Actor) -> str:
    of_team = f"the team {actor.team.name}"
    return f"{actor.member.name}, a member of {of_team}" if actor.member else of_team
