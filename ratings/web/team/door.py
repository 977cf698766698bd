"""The small forms before which a team stands: one page for all of them, and their fields."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import LONGEST_PASSWORD
from ratings.challenge.teams.team_names import LONGEST_NAME
from ratings.http.waiting import asks_to_wait
from ratings.web.parts.base_context import challenge_frame
from ratings.web.parts.viewpoint import now_of


@dataclass(frozen=True)
class Other:
    """Another door, for those who stand before the wrong one."""

    before: str
    label: str
    name: str


TO_SIGN_IN = Other("Is your team registered?", "Sign in", "web:team-sign-in")
TO_REGISTER = Other("A new team?", "Register it", "web:team-register")
TO_ORGANIZERS = Other("Does it not help? Ask the organizers in", "the forum", "")
TO_LOST = Other("Lost the password?", "Get a new one", "web:lost-password")


@dataclass(frozen=True)
class Door:
    """One of these forms: what it is for, what its button says, and where else one may go.

    `asks` tells that only the organizers may help: the way to them stands there too.
    """

    title: str
    lede: str
    button: str
    others: tuple[Other, ...] = ()
    asks: bool = False

    def of(self, whose: str) -> "Door":
        """Return the same door, which says whose it is."""
        return replace(self, lede=f"Of {whose}.")

    def show(
        self,
        request: HttpRequest,
        challenge: Challenge,
        form: forms.Form | None,
        problems: Sequence[str] = (),
        done: str = "",
    ) -> HttpResponse:
        """Show the form with what is wrong with it; without one what is `done`, or why not."""
        doors = [(one, reverse(one.name, args=[challenge.slug])) for one in self.others]
        if self.asks and challenge.forum_url:
            doors.append((TO_ORGANIZERS, challenge.forum_url))
        page: dict[str, Any] = {
            "title": self.title,
            "lede": self.lede,
            "button": self.button,
            "form": form,
            "problems": problems,
            "done": done,
            "doors": doors,
        }
        frame = challenge_frame(request, challenge, now_of(request), "Submit")
        return render(request, "team_door.html", frame | page)

    def refuse(
        self, request: HttpRequest, challenge: Challenge, form: forms.Form, refused: Refused
    ) -> HttpResponse:
        """Show the form with why it was refused, and by the status where waiting helps."""
        page = self.show(request, challenge, form, refused.problems)
        at = refused.retry_at
        return asks_to_wait(page, at, now_of(request)) if at else page


def form_problems(form: forms.Form) -> list[str]:
    """Return everything that is wrong with a form that was sent, each line with its field."""
    found = []
    for name, errors in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        found += [f"{label}{error}" for error in errors]
    return found


def _named(**attributes: str) -> dict[str, str]:
    return {"autocapitalize": "none", "spellcheck": "false", **attributes}


name_field = partial(
    forms.CharField,
    label="Team name",
    max_length=LONGEST_NAME,
    widget=forms.TextInput(_named(autocomplete="username")),
)
email_field = partial(
    forms.EmailField,
    label="E-mail, for the organizers to reach you",
    max_length=128,
    widget=forms.EmailInput(_named(autocomplete="email")),
)


def password_field(
    label: str, kind: str = "current-password", *, required: bool = True
) -> forms.CharField:
    """Return a field for a password; `kind` tells browsers whether it is a new one."""
    widget = forms.PasswordInput({"autocomplete": kind})
    return forms.CharField(
        label=label, max_length=LONGEST_PASSWORD, strip=False, required=required, widget=widget
    )
