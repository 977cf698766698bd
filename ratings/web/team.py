"""Teams on the pages: signing in with the team's password, and out again."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ratings.challenge.guessing import TEAMS, client_address
from ratings.challenge.models import Challenge, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import authenticate, owner_key
from ratings.web.frame import challenge_frame

SESSION_KEY = "teams"


class TeamForm(forms.Form):
    """A team's name and password, as its submissions send them."""

    name = forms.CharField(max_length=128, strip=True)
    password = forms.CharField(max_length=1024, strip=False)


def signed_in_team(request: HttpRequest, challenge: Challenge) -> Team | None:
    """Return the team of this challenge that is signed in; a new password signs it out."""
    pk, proof = request.session.get(SESSION_KEY, {}).get(str(challenge.pk), (None, ""))
    team = challenge.teams.filter(pk=pk).first() if pk else None
    return team if team and constant_time_compare(proof, _proof(team)) else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for name and password; then show the team's own page."""
    challenge = get_object_or_404(Challenge, slug=slug)
    form = TeamForm(request.POST or None)
    problems = []
    if request.method == "POST" and form.is_valid():
        try:
            _enter(request, challenge, **form.cleaned_data)
            return redirect("web:submit", slug)
        except Refused as refused:
            problems = refused.problems
    page: dict[str, Any] = {"name": form["name"].value() or "", "problems": problems}
    frame = challenge_frame(request, challenge, timezone.now(), "Submit")
    return render(request, "team_sign_in.html", frame | page)


@require_POST
def sign_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget the team."""
    challenge = get_object_or_404(Challenge, slug=slug)
    teams = dict(request.session.get(SESSION_KEY, {}))
    teams.pop(str(challenge.pk), None)
    request.session[SESSION_KEY] = teams
    return redirect("web:submit", slug)


def _enter(request: HttpRequest, challenge: Challenge, name: str, password: str) -> None:
    """Sign in. Raises Refused, code "wrong-password" or "too-many-failures"."""
    address = client_address(request.META)
    with TEAMS.guard(owner_key(challenge, name), address, timezone.now()):
        team = authenticate(challenge, name, password)
    teams = request.session.get(SESSION_KEY, {})
    request.session.cycle_key()
    request.session[SESSION_KEY] = teams | {str(challenge.pk): [team.pk, _proof(team)]}


def _proof(team: Team) -> str:
    return salted_hmac(SESSION_KEY, f"{team.pk} {team.password}", algorithm="sha256").hexdigest()
