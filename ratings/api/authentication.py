"""Who is asking: a team by HTTP Basic; an organizer by a bearer token or the desk's session."""

import base64
import binascii
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from ratings.api.errors import CHALLENGES
from ratings.challenge.guessing import TEAMS, client_address
from ratings.challenge.models import Challenge, Team
from ratings.challenge.teams import authenticate, owner_key
from ratings.challenge.tokens import owner


@dataclass(frozen=True)
class Claim:
    """A team's name and password as sent; which challenge it is about says the request."""

    name: str
    password: str
    is_authenticated = True  # as far as REST framework asks: the team is checked by the view

    def team_in(self, challenge: Challenge) -> Team:
        """Return the team. Raises Refused, code "wrong-password"."""
        return authenticate(challenge, self.name, self.password)

    def owner_in(self, challenge: Challenge) -> str:
        """Return what failures are counted for: one team, however its name is written."""
        return owner_key(challenge, self.name)


class TeamAuthentication(BaseAuthentication):
    """HTTP Basic: team name and password, in UTF-8."""

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


class OrganizerAuthentication(BaseAuthentication):
    """Bearer token of an organizer, as `clic_...`."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the organizer, or None without a token. Raises AuthenticationFailed."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        user = owner(token.strip())
        if user is None or not user.is_staff:
            raise AuthenticationFailed("This token is not, or no longer, an organizer's.")
        return user, None

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 asks for."""
        return CHALLENGES


class DeskAuthentication(SessionAuthentication):
    """An organizer who is signed in at the desk, so that its links work."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the organizer, or None: other sessions are strangers here."""
        found = super().authenticate(request)
        return found if found and found[0].is_staff else None


def is_organizer(request: Request) -> bool:
    """Tell whether an organizer asks, by token or signed in at the desk."""
    return isinstance(request.user, User)


def organizer_name(request: Request) -> str:
    """Return the name of the organizer who asks, for the record; "" for anyone else."""
    return request.user.get_username() if isinstance(request.user, User) else ""


def slowed_down(
    request: Request, challenge: Challenge, now: datetime
) -> AbstractContextManager[None]:
    """Guard what checks a team's password; an organizer's token is too long to be guessed."""
    if not isinstance(request.user, Claim):
        return nullcontext()
    return TEAMS.guard(request.user.owner_in(challenge), client_address(request.META), now)


def require_login(request: Request) -> None:
    """Raise NotAuthenticated where neither a team nor an organizer asks."""
    if request.user is None:
        raise NotAuthenticated(
            "Log in with HTTP Basic (team name and password), or with an organizer's token."
        )


class TeamScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names TeamAuthentication."""

    target_class = TeamAuthentication
    name = "team"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "basic", "description": "Team name and password."}


class OrganizerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names OrganizerAuthentication."""

    target_class = OrganizerAuthentication
    name = "organizer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "An organizer's token."}


class DeskScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names DeskAuthentication."""

    target_class = DeskAuthentication
    name = "desk"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "An organizer who is signed in at the desk.",
        }
