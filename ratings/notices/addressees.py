"""Receivers of letters, by the keys that the outbox has of them; addresses are looked up late."""

from collections.abc import Callable

from django.contrib.auth.models import User

from ratings.challenge.models import AccountLink, Member, Team

Addressee = Team | Member | User | AccountLink
_KINDS: dict[str, type[Addressee]] = {
    "team": Team,
    "member": Member,
    "user": User,
    "link": AccountLink,
}


def receiver_of(addressee: Addressee) -> str:
    """Return the key of a receiver, such as "team 5"."""
    kind = next(name for name, model in _KINDS.items() if isinstance(addressee, model))
    return f"{kind} {addressee.pk}"


def addressee_of(receiver: str) -> Addressee | None:
    """Return who a key is of, None where nobody is there any more, or can't be written to."""
    kind, _, pk = receiver.partition(" ")
    if kind not in _FINDS or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return _FINDS[kind](int(pk))


def _team(pk: int) -> Team | None:
    return Team.objects.select_related("challenge").filter(pk=pk).exclude(email="").first()


def _member(pk: int) -> Member | None:
    members = Member.objects.select_related("challenge", "team__challenge")
    return members.filter(pk=pk).exclude(email="").first()


def _user(pk: int) -> User | None:
    return User.objects.filter(pk=pk, is_active=True).exclude(email="").first()


def _link(pk: int) -> AccountLink | None:
    links = AccountLink.objects.select_related("team__challenge")
    return links.filter(pk=pk).exclude(email="").first()


_FINDS: dict[str, Callable[[int], Addressee | None]] = {
    "team": _team,
    "member": _member,
    "user": _user,
    "link": _link,
}
