"""Which mail a receiver wants: their own switches, else the site's, else the usual ones."""

from collections.abc import Collection, Sequence

from django.db import transaction

from ratings.outbox.models import Event, MailChoice

Kind = Event.Kind
# What teams and their members may be told, and organizers; True: unless somebody says otherwise.
TEAM_KINDS = {
    Kind.SCORED: True,
    Kind.FAILED: True,
    Kind.MOVED: True,
    Kind.SOON: True,
    Kind.ANNOUNCED: True,
}
USER_KINDS = {
    Kind.NEEDED: True,
    Kind.FAILED: False,
    Kind.SCORED: False,
    Kind.MOVED: False,
    Kind.ANNOUNCED: False,
}
SITE_TEAM, SITE_USER = "site team", "site user"  # whose switches are the defaults of all others


def kinds_for(receiver: str) -> dict[Kind, bool]:
    """Return the kinds that a receiver may switch, each with whether it is usually on."""
    return USER_KINDS if receiver == SITE_USER or receiver.startswith("user ") else TEAM_KINDS


def choices_of(receiver: str) -> dict[Kind, bool]:
    """Return whether a receiver gets mail of each kind, as switches stand."""
    usual, site = kinds_for(receiver), _site_of(receiver)
    rows = MailChoice.objects.filter(receiver__in=[receiver, site])
    stated = {(row.receiver, row.kind): row.is_on for row in rows}
    return {
        kind: stated.get((receiver, kind), stated.get((site, kind), is_on))
        for kind, is_on in usual.items()
    }


def wanting(receivers: Sequence[str], kind: str) -> list[str]:
    """Return those of the receivers that want mail about a kind of event."""
    rows = MailChoice.objects.filter(kind=kind, receiver__in=[*receivers, SITE_TEAM, SITE_USER])
    stated = dict(rows.values_list("receiver", "is_on"))

    def wants(receiver: str) -> bool:
        usual = next((is_on for one, is_on in kinds_for(receiver).items() if one == kind), False)
        return stated.get(receiver, stated.get(_site_of(receiver), usual))

    return [receiver for receiver in receivers if wants(receiver)]


def choose(receiver: str, on: Collection[str]) -> None:
    """Switch mail about these kinds on, and about all others off.

    What stays as it is is no choice: it follows the site's default on.
    """
    now = choices_of(receiver)
    with transaction.atomic():
        for kind, is_on in now.items():
            if (kind in on) != is_on:
                MailChoice.objects.update_or_create(
                    receiver=receiver, kind=kind, defaults={"is_on": kind in on}
                )


def stop_all(receiver: str) -> None:
    """Switch all mail off that can be, whatever the site's default becomes."""
    for kind in kinds_for(receiver):
        MailChoice.objects.update_or_create(receiver=receiver, kind=kind, defaults={"is_on": False})


def _site_of(receiver: str) -> str:
    return SITE_USER if kinds_for(receiver) is USER_KINDS else SITE_TEAM
