"""Links that let somebody choose a password once: of a new account, or in place of a lost one."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ratings.challenge.access.accounts import (
    HeldRole,
    lock_out,
    place_role,
    require_role,
    set_password,
)
from ratings.challenge.access.audit_log import record
from ratings.challenge.access.links import (
    find_usable,
    make_link,
    require_label,
    usable_links,
    use_up,
)
from ratings.challenge.models import AccountLink, AuditEntry, Challenge
from ratings.challenge.refusals import Refused

Kind = AuditEntry.Kind


def invite(label: str, role: str, challenge: Challenge | None, by: str, at: datetime) -> str:
    """Make an invitation to an account with a role; return its token, to be shown once.

    `label` says whom it is for. Raises Refused, code "account-link" or "role".
    """
    label = require_label(label)
    require_role(role)
    with transaction.atomic():
        held = str(HeldRole(role, challenge))
        record(challenge, Kind.INVITE, by, at, subject=label, note=held)
        return make_link(by, at, label=label, role=role, challenge=challenge)[1]


def uninvite(invitation: AccountLink, by: str, at: datetime) -> None:
    """Take an invitation back that nobody has used."""
    with transaction.atomic():
        gone, _ = AccountLink.objects.filter(pk=invitation.pk, user=None).delete()
        if gone:
            record(invitation.challenge, Kind.UNINVITE, by, at, subject=invitation.label)


def reset_password(user: User, by: User, at: datetime) -> str:
    """End a user's password, sessions and tokens; return the token of a link to a new password.

    Raises Refused, code "password" for one's own, "last-organizer" where nobody would be left.
    """
    if user == by:
        raise Refused("password", "Change your own password with the old one.")
    with transaction.atomic():
        lock_out(user)
        AccountLink.objects.filter(user=user).delete()
        record(None, Kind.RESET, by.get_username(), at, subject=str(user))
        return make_link(by.get_username(), at, user=user)[1]


def open_invitations(at: datetime) -> QuerySet[AccountLink]:
    """Return the invitations that may still be used, the newest first."""
    return usable_links(at).filter(user=None, team=None)


def find_link(token: str, at: datetime) -> AccountLink:
    """Return what a link is for. Raises Refused, code "unknown-link": used, expired or none."""
    return find_usable(usable_links(at).filter(team=None), token)


def follow_link(token: str, name: str, password: str, at: datetime) -> User:
    """Use a link up: make the account called `name`, or give the link's user the password.

    Raises Refused, code "unknown-link", "account-name" or "password".
    """
    try:
        with transaction.atomic():
            link = find_link(token, at)
            use_up(link)
            return _follow(link, name, password, at)
    except IntegrityError as error:
        raise _name_taken(name) from error


def _follow(link: AccountLink, name: str, password: str, at: datetime) -> User:
    if link.user:
        set_password(link.user, password)
        person = link.user.get_username()
        record(None, Kind.NEW_PASSWORD, person, at, subject=person)
        return link.user
    user = User(username=_new_name(name))
    set_password(user, password)
    place_role(user, link.role, link.challenge)
    held = f"{HeldRole(link.role, link.challenge)}; invited by {link.by} as {link.label}"
    record(link.challenge, Kind.JOIN, user.username, at, subject=user.username, note=held)
    return user


def _new_name(name: str) -> str:
    """Return a name that an account may take. Raises Refused, code "account-name"."""
    normal = User.normalize_username(name.strip())
    try:
        User._meta.get_field("username").clean(normal, None)
    except ValidationError as error:
        raise Refused("account-name", *error.messages) from error
    if User.objects.filter(username__iexact=normal).exists():
        raise _name_taken(name)
    return str(normal)


def _name_taken(name: str) -> Refused:
    return Refused("account-name", f"Somebody is called {name!r} already; take another name.")
