"""Taking out of the outbox what leads to somebody who is erased."""

from ratings.outbox.models import Dispatch, Event, MailChoice


def forget_receivers(*receivers: str) -> None:
    """Delete all that is on its way, or was delivered, to receivers, and their switches."""
    Dispatch.objects.filter(receiver__in=receivers).delete()
    MailChoice.objects.filter(receiver__in=receivers).delete()


def forget_team(team: int) -> None:
    """Delete all events that are about a team alone, and what is to be sent to it."""
    Event.objects.filter(team=team).delete()
    forget_receivers(f"team {team}")
