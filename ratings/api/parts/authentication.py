"""Who is asking: a team by HTTP Basic or the pages' session; an organizer by token or session."""

import base64
import binascii
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from ratings.api.parts.errors import CHALLENGES
from ratings.challenge.access.limits import TEAM_LOGIN, client_address
from ratings.challenge.access.permissions import Permission, may_anywhere, may_there
from ratings.challenge.access.tokens import owner
from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_accounts import claim_or_authenticate
from ratings.challenge.teams.team_logins import Actor, authenticate, change_account
from ratings.challenge.teams.team_names import owner_key, team_key
from ratings.challenge.teams.team_sessions import any_signed_in, signed_in

DESK_HEADER = "X-Desk"
NO_TEAM = "This is for organizers, not for teams: send an organizer's bearer token."
BEYOND = "Your role does not permit this; an organizer of the whole site can give you another."


class TeamLogin(ABC):
    """Whoever asks as a team; which challenge it is about says the request."""

    is_authenticated = True  # as far as REST framework asks: the team is checked by the view

    @abstractmethod
    def actor_in(self, challenge: Challenge) -> Actor:
        """Return who acts for which team. Raises Refused, as each kind says."""

    @abstractmethod
    def submitting_in(self, challenge: Challenge, stated: str | None, email: str) -> Actor:
        """Return who begins a submission; `stated` is the name that they give themselves."""


@dataclass(frozen=True)
class Claim(TeamLogin):
    """A name and password as sent, of a team or of its member."""

    name: str
    password: str

    def actor_in(self, challenge: Challenge) -> Actor:
        """Return who acts. Raises Refused, code "wrong-password"."""
        return authenticate(challenge, self.name, self.password)

    def submitting_in(self, challenge: Challenge, stated: str | None, email: str) -> Actor:
        """Return who acts for the team, made where nobody has its name. Raises Refused."""
        claimed = stated is not None
        return claim_or_authenticate(
            challenge, self.name, self.password, email=email, stated=claimed
        )

    def owner_in(self, challenge: Challenge) -> str:
        """Return what failures are counted for: one team, however its name is written."""
        return owner_key(challenge, self.name)


@dataclass(frozen=True)
class PageVisit(TeamLogin):
    """A team that is signed in on the pages, in the browser that asks."""

    session: SessionBase

    def actor_in(self, challenge: Challenge) -> Actor:
        """Return who acts. Raises Refused, code "signed-out"."""
        actor = signed_in(self.session, challenge)
        if actor is None:
            raise Refused("signed-out", "You are signed out; sign in again, in another window.")
        return actor

    def submitting_in(self, challenge: Challenge, stated: str | None, email: str) -> Actor:
        """Return who acts, the team's address changed as it asks. Raises Refused, "signed-out"."""
        actor = self.actor_in(challenge)
        name = actor.team.name
        if stated is not None and team_key(stated) != actor.team.key:
            raise Refused("signed-out", f"You are signed in as {name!r}, not as {stated!r}.")
        if email and actor.member is None:
            change_account(actor.team, email=email)
        return actor


class TeamAuthentication(BaseAuthentication):
    """HTTP Basic: name and password of a team or its member, in UTF-8."""

    def authenticate(self, request: Request) -> tuple[Claim, None] | None:
        """Return the claim, or None without one. Raises AuthenticationFailed if malformed."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            plain = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise AuthenticationFailed("Basic needs NAME:PASSWORD in UTF-8 and base64.") from error
        name, colon, password = plain.partition(":")
        if not colon:
            raise AuthenticationFailed("Basic needs NAME:PASSWORD in UTF-8 and base64.")
        return Claim(name, password), None

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return CHALLENGES


class PageAuthentication(SessionAuthentication):
    """A team that is signed in on the pages: the session's cookie, with a CSRF token to change."""

    def authenticate(self, request: Request) -> tuple[PageVisit, None] | None:
        """Return the visit, or None for others. Raises PermissionDenied without a CSRF token.

        What brings such a token comes from a page of ours, and never hears a 401: browsers would
        answer it with a dialog of their own.
        """
        session = request._request.session
        if not (any_signed_in(session) or "X-CSRFToken" in request.headers):
            return None
        self.enforce_csrf(request)
        return PageVisit(session), None


class OrganizerAuthentication(BaseAuthentication):
    """Bearer token of an organizer, as `clic_...`."""

    def authenticate(self, request: Request) -> tuple[User | None, User] | None:
        """Return who asks as `admitted` does, None without a token. Raises AuthenticationFailed."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        user = owner(token.strip())
        if user is None or not may_anywhere(user, Permission.ENTER):
            raise AuthenticationFailed("This token is not, or no longer, an organizer's.")
        return admitted(request, user)

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return CHALLENGES


class DeskAuthentication(SessionAuthentication):
    """An account that is signed in at the desk, so that its links work."""

    def authenticate(self, request: Request) -> tuple[User | None, User] | None:
        """Return who asks as `admitted` does, or None: other sessions are strangers here."""
        authenticated = super().authenticate(request)
        if authenticated is None or not may_anywhere(authenticated[0], Permission.ENTER):
            return None
        return admitted(request, authenticated[0])


class DeskPageAuthentication(DeskAuthentication):
    """The same where a request says by a header that a page of the desk sent it.

    A browser may be signed in as a team too, whose pages make the same calls.
    """

    def authenticate(self, request: Request) -> tuple[User | None, User] | None:
        """Return who asks as `admitted` does, or None: other pages' requests are not the desk's."""
        return super().authenticate(request) if DESK_HEADER in request.headers else None


def admitted(request: Request, user: User) -> tuple[User | None, User]:
    """Return the user as far as the call permits it, and who it is whatever they may.

    What a user may not read is answered as to a stranger, with whatever is public. Raises
    PermissionDenied for what they may not change.
    """
    view: Any = request.parser_context["view"]
    is_safe = request.method in SAFE_METHODS
    permission = view.reads if is_safe else view.changes
    route = request._request.resolver_match
    if may_anywhere(user, permission) if view.anywhere else may_there(user, permission, route):
        return user, user
    if is_safe:
        return None, user
    raise PermissionDenied(BEYOND)


# Who may begin and fill submissions. A page of the desk comes before the team's own session.
WHO_SUBMITS: list[type[BaseAuthentication]] = [
    TeamAuthentication,
    OrganizerAuthentication,
    DeskPageAuthentication,
    PageAuthentication,
]


def is_organizer(request: Request) -> bool:
    """Tell whether one asks whose role permits the call, by token or signed in at the desk."""
    return isinstance(request.user, User)


def require_organizer(request: Request, words: str) -> None:
    """Raise PermissionDenied where a user's role does not permit the call; `words` to strangers.

    No team may do what only organizers may, whatever its password.
    """
    if is_organizer(request):
        return
    if isinstance(request.auth, User):
        raise PermissionDenied(BEYOND)
    if request.headers.get("Authorization", "").lower().startswith("basic "):
        raise PermissionDenied(NO_TEAM)
    raise NotAuthenticated(words)


def organizer_name(request: Request) -> str:
    """Return the name of the organizer who asks, for the record; "" for anyone else."""
    return request.user.get_username() if isinstance(request.user, User) else ""


def actor_asking(request: Request, challenge: Challenge, now: datetime) -> Actor:
    """Return who asks for a team of the challenge. Raises NotAuthenticated, or Refused."""
    if not isinstance(request.user, TeamLogin):
        raise NotAuthenticated("Log in with HTTP Basic: team name and password.")
    with slowed_down(request, challenge, now):
        return request.user.actor_in(challenge)


def slowed_down(
    request: Request, challenge: Challenge, now: datetime
) -> AbstractContextManager[None]:
    """Guard what checks a team's password; tokens and sessions are too long to be guessed."""
    if not isinstance(request.user, Claim):
        return nullcontext()
    return TEAM_LOGIN.attempt(request.user.owner_in(challenge), client_address(request.META), now)


def require_login(request: Request) -> None:
    """Raise NotAuthenticated where neither a team nor an organizer asks."""
    if request.user is None:
        require_organizer(
            request,
            "Log in with HTTP Basic (team name and password), or with an organizer's token.",
        )
