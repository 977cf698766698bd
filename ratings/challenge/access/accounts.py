"""Accounts at the desk: the roles that they have, and their own passwords; each act on record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.access.limits import DESK_LOGIN
from ratings.challenge.models import AccessToken, AccountLink, AuditEntry, Challenge, Membership
from ratings.challenge.refusals import Refused

Role = Membership.Role
Kind = AuditEntry.Kind


@dataclass(frozen=True)
class HeldRole:
    """A role of an account, in one challenge or (None) on the whole site."""

    role: str
    challenge: Challenge | None

    def __str__(self) -> str:
        return f"{Role(self.role).label} of {self.challenge or 'the whole site'}"


def accounts() -> QuerySet[User]:
    """Return all accounts, by name, with their roles."""
    return User.objects.prefetch_related("memberships__challenge").order_by("username")


def roles_held(user: User) -> list[HeldRole]:
    """Return the roles of an account, that of the whole site first."""
    if user.is_staff:
        return [HeldRole(Role.ORGANIZER, None)]
    held = [HeldRole(row.role, row.challenge) for row in user.memberships.all()]
    return sorted(held, key=lambda one: one.challenge.slug if one.challenge else "")


def require_role(role: str) -> None:
    """Raise Refused, code "role", for what is none."""
    if role not in Role.values:
        raise Refused("role", f"{role!r} is no role; choose one of: {', '.join(Role.values)}.")


def give_role(user: User, role: str, challenge: Challenge | None, by: str, at: datetime) -> None:
    """Give an account a role in a challenge, or (None) on the whole site, in place of its last.

    Raises Refused, code "role", or "last-organizer" where nobody would be left.
    """
    require_role(role)
    if challenge and user.is_staff:
        raise Refused(
            "role",
            f"{user} is an organizer of the whole site, and so of every challenge: change that "
            "role first.",
        )
    with _an_organizer_left():
        place_role(user, role, challenge)
        record(challenge, Kind.ROLE, by, at, subject=str(user), note=_words(role, challenge))


def place_role(user: User, role: str, challenge: Challenge | None) -> None:
    """Let an account have a role, without asking or recording anything."""
    if challenge is None:
        user.is_staff = role == Role.ORGANIZER
        user.is_superuser = user.is_superuser and user.is_staff
        user.save(update_fields=["is_staff", "is_superuser"])
    if user.is_staff:
        user.memberships.all().delete()
    else:
        user.memberships.update_or_create(challenge=challenge, defaults={"role": role})


def take_role(user: User, challenge: Challenge | None, by: str, at: datetime) -> None:
    """Take away an account's role in a challenge, or (None) on the whole site.

    Its tokens end with its last role, and its open invitations with any. Raises Refused, code
    "role" where it has none, or "last-organizer".
    """
    held = next((one for one in roles_held(user) if one.challenge == challenge), None)
    if held is None:
        raise Refused("role", f"{user} has no role {_place(challenge)}.")
    with _an_organizer_left():
        if challenge is None:
            user.is_staff = user.is_superuser = False
            user.save(update_fields=["is_staff", "is_superuser"])
        user.memberships.filter(challenge=challenge).delete()
        AccountLink.objects.filter(by=user.get_username()).delete()
        if not Membership.objects.filter(user=user).exists():
            AccessToken.objects.filter(user=user).delete()
        record(challenge, Kind.NO_ROLE, by, at, subject=str(user), note=str(held))


def lock_out(user: User) -> None:
    """End a user's password, and with it their sessions, tokens and the links that they made.

    Raises Refused, code "last-organizer".
    """
    with _an_organizer_left():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        AccessToken.objects.filter(user=user).delete()
        AccountLink.objects.filter(by=user.get_username()).delete()


def change_password(user: User, old: str, new: str, address: str | None, at: datetime) -> None:
    """Change one's own password; sessions that began with the old one end, tokens stay.

    To be called outside of a transaction. Raises Refused, code "wrong-password" for the old one,
    "too-many-failures" after too many of them, or "password".
    """
    with DESK_LOGIN.attempt(user.get_username(), address, at):
        if not user.check_password(old):
            raise Refused("wrong-password", "The old password is not right.")
    with transaction.atomic():
        set_password(user, new)
        record(None, Kind.OWN_PASSWORD, user.get_username(), at, subject=user.get_username())


def set_password(user: User, password: str) -> None:
    """Set a password and save the user. Raises Refused, code "password", as Django's rules say."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("password", *error.messages) from error
    user.set_password(password)
    user.save()


@contextmanager
def _an_organizer_left() -> Iterator[None]:
    """Do what is within, whole or not at all; refuse where no organizer could sign in after it."""
    with transaction.atomic():
        # Two who take one another's role away wait for each other here.
        list(User.objects.select_for_update().filter(is_staff=True).order_by("pk"))
        yield
        organizers = User.objects.filter(is_staff=True, is_active=True)
        if not any(organizer.has_usable_password() for organizer in organizers):
            raise Refused(
                "last-organizer",
                "Nobody could sign in as an organizer of the whole site then: make another "
                "account one first.",
            )


def _words(role: str, challenge: Challenge | None) -> str:
    return str(HeldRole(role, challenge))


def _place(challenge: Challenge | None) -> str:
    return f"in {challenge}" if challenge else "on the whole site"
