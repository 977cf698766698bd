"""Who acts for a team: whoever knows its own password, or a member by a password of their own."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from ratings.challenge.models import Challenge, Member, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_names import team_key

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
# On record in an organizer's place; no user may be called so, nor as members are recorded.
BY_TEAM, BY_MEMBER = "the team", "member "
# Argon2 is slow on purpose; a client that sends hundreds of files need not pay for each of them.
# Holds keyed digests of passwords that were found right; never a password, never a wrong one.
_PROVEN: set[str] = set()
MOST_PROVEN = 1024
Holder = Team | Member


@dataclass(frozen=True)
class Actor:
    """Who acts for a team: one of its members, or None for whoever knows the team's password."""

    team: Team
    member: Member | None = None

    @classmethod
    def of(cls, holder: Holder) -> Self:
        """Return who acts with the password of a team, or of a member."""
        return cls(holder.team, holder) if isinstance(holder, Member) else cls(holder)

    @property
    def holder(self) -> Holder:
        """Whose name, password and address it is."""
        return self.member or self.team

    @property
    def signature(self) -> str:
        """How acts are signed on record."""
        return f"{BY_MEMBER}{self.member.name}" if self.member else BY_TEAM


def is_of_team(by: str) -> bool:
    """Tell whether an act is signed for a team, not by an organizer."""
    return by == BY_TEAM or by.startswith(BY_MEMBER)


def told_to_team(by: str) -> str:
    """Return a signature as a team reads it: its own people by name, and no organizer."""
    return by if not by or is_of_team(by) else "an organizer"


def holders_called(challenge: Challenge, name: str) -> Iterator[Holder]:
    """Return whom a log-in may mean: the team, or the members of this name or e-mail address.

    Members are looked for where the team is none. Raises Refused, code "team-name", for what can
    be no name.
    """
    return _holders(challenge, team_key(name), name.strip())


def _holders(challenge: Challenge, key: str, address: str) -> Iterator[Holder]:
    yield from Team.objects.filter(challenge=challenge, key=key)
    meant = Q(key=key) | Q(email__iexact=address) if "@" in address else Q(key=key)
    yield from Member.objects.filter(meant, challenge=challenge).select_related("team")


def authenticate(challenge: Challenge, name: str, password: str) -> Actor:
    """Return who acts by this name (or a member's e-mail address) and password.

    Raises Refused with code "wrong-password"; an unknown name takes as long as a wrong password.
    """
    holders: Iterable[Holder] = ()
    with suppress(Refused):
        holders = holders_called(challenge, name)
    return prove(holders, name, password)


def prove(holders: Iterable[Holder], name: str, password: str, *, mend: str = "") -> Actor:
    """Return who of `holders` the password is of.

    Raises Refused, code "wrong-password"; `mend` is what else may help.
    """
    holder = None
    for holder in holders:
        if _is_password(holder, password):
            return Actor.of(holder)
    if holder is None:
        make_password(password)  # as long as if there were one
    raise Refused(
        "wrong-password",
        f"The name {name!r} and this password don't match; write both again. If the password is "
        "lost, get a new one where teams sign in: “Lost the password?” is below the form." + mend,
    )


def require_password(holder: Holder, password: str) -> None:
    """Raise Refused, code "wrong-password", where who is known already gives another one."""
    if not _is_password(holder, password):
        raise Refused("wrong-password", "The password as it is now is another one. Write it again.")


def change_account(holder: Holder, *, password: str = "", email: str | None = None) -> None:
    """Set the password, the e-mail address, or both; without them they stay as they are.

    An empty address takes a member's away; a team keeps its own, where organizers reach it.

    With a new password whoever is signed in by the old one is not any more. Raises Refused, code
    "password-length", or "account-name" for the address of another member.
    """
    if password:
        holder.password = new_password(password)
    if email or (email is not None and isinstance(holder, Member)):
        holder.email = email
    try:
        with transaction.atomic():
            holder.save(update_fields=["password", "email"])
    except IntegrityError as error:
        raise email_taken(holder.email) from error


def new_password(password: str) -> str:
    """Return what is kept of a new password. Raises Refused, code "password-length"."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused(
            "password-length",
            f"The password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
        )
    return make_password(password)


def email_taken(email: str) -> Refused:
    """Return what refuses a member the address of another one."""
    return Refused("account-name", f"Another member has the address {email}; take another one.")


def _is_password(holder: Holder, password: str) -> bool:
    proof = salted_hmac(__name__, f"{holder.password} {password}", algorithm="sha256").hexdigest()
    if proof in _PROVEN:
        return True
    if not check_password(password, holder.password):
        return False
    if len(_PROVEN) >= MOST_PROVEN:
        _PROVEN.clear()
    _PROVEN.add(proof)
    return True
