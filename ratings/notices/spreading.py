"""To whom an event goes: by mail to those who want it, and to the hooks of its challenge."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db.models import Q

from ratings.challenge.access.permissions import Permission, may
from ratings.challenge.models import Challenge, Member, Team
from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.notices.addressees import receiver_of
from ratings.notices.mail_choices import TEAM_KINDS, USER_KINDS, wanting
from ratings.outbox.dispatching import URGENT
from ratings.outbox.models import Event, Hook

Kind = Event.Kind


def receivers(event: Event) -> list[str]:
    """Return who gets a letter about an event: nobody where the site sends no mail."""
    if not mail_is_set_up():
        return []
    if event.kind in URGENT:
        return [_who_waits(event)]
    return wanting(_concerned(event), event.kind)


def hooks(event: Event) -> list[Hook]:
    """Return the hooks that an event is posted to: those of its challenge that want its kind."""
    found = Hook.objects.filter(challenge=event.challenge or 0, disabled_at=None)
    return list(found.filter(kinds__contains=[event.kind]))


def _who_waits(event: Event) -> str:
    if event.kind == Kind.INVITED:
        return f"link {event.about}"
    return f"member {event.about}" if event.about else f"team {event.team}"


def _concerned(event: Event) -> list[str]:
    """Return who may be told: each address once, a member rather than the team."""
    found: list[str] = []
    addresses: set[str] = set()
    for one in _with_addresses(event):
        address = one.email.casefold()
        if address not in addresses:
            addresses.add(address)
            found.append(receiver_of(one))
    return found


def _with_addresses(event: Event) -> Iterator[Member | Team | User]:
    if event.kind in TEAM_KINDS and _is_public(event.challenge):
        mine = Q(challenge=event.challenge) if event.team is None else Q(team=event.team)
        yield from Member.objects.filter(mine).exclude(email="").order_by("pk")
        teams = Team.objects.exclude(email="").exclude(kind=Team.Kind.BASELINE).order_by("pk")
        yield from teams.filter(
            Q(challenge=event.challenge) if event.team is None else Q(pk=event.team)
        )
    if event.kind in USER_KINDS:
        users = User.objects.filter(is_active=True).exclude(email="").order_by("pk")
        yield from (user for user in users if may(user, Permission.CHANGE, event.challenge))


def _is_public(challenge: int | None) -> bool:
    return Challenge.objects.filter(pk=challenge or 0, draft=False).exists()
