"""Mail that somebody asks for: put into the outbox, so that no page waits for a mail server."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from ratings.challenge.access.limits import INVITATIONS, PASSWORD_LINKS
from ratings.challenge.models import AccountLink, Challenge, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.challenge.teams.team_logins import Actor, holders_called
from ratings.challenge.teams.team_members import invite_member
from ratings.challenge.teams.team_names import owner_key
from ratings.jobs.tasks import renew_connection
from ratings.outbox.models import Event
from ratings.outbox.recording import record_event

NO_MAIL = "This site sends no mail. Write to the organizers: they can set a new password."


def ask_for_password_link(
    challenge: Challenge, name: str, address: str | None, now: datetime
) -> None:
    """Let a link to a new password be sent to the team or member of this name, or this address.

    Whether there is one, with an address, is not told. `address` is that of who asks. Raises
    Refused with code "mail", where this site sends none, "too-often", or "team-name" for what can
    be no name.
    """
    if not mail_is_set_up():
        raise Refused("mail", NO_MAIL)
    PASSWORD_LINKS.count(owner_key(challenge, name), address, now)
    for holder in holders_called(challenge, name):
        actor = Actor.of(holder)
        if holder.email and not actor.team.is_baseline:
            _record_link(actor.team, actor.member.pk if actor.member else "", now)


def invite_to_team(
    team: Team, label: str, email: str, by: str, now: datetime, address: str | None
) -> str:
    """Invite somebody into a team; return the token of the link, "" where it goes by mail.

    It does where there is an `email` and the site sends mail. `address` is that of who asks. Raises
    Refused, code "account-link", or "too-often".
    """
    INVITATIONS.count(str(team.pk), address, now)
    with transaction.atomic():
        link, token = invite_member(team, label, email, by, now)
        if not (email and mail_is_set_up()):
            return token
        _record_invitation(link, now)
        return ""


def _record_link(team: Team, member: object, now: datetime) -> None:
    kind = Event.Kind.PASSWORD
    record_event(kind, now, challenge=team.challenge_id, team=team.pk, about=member)


def _record_invitation(link: AccountLink, now: datetime) -> None:
    record_event(Event.Kind.INVITED, now, team=link.team_id, about=link.pk)


# Jobs of these names are what a web server of the last release queues while a site is upgraded.
@app.task(queue="upkeep", task_middleware=[renew_connection])
def mail_password_link(team_id: int, page: str, member_id: int | None = None) -> None:
    """Put a link to a new password into the outbox."""
    if team := Team.objects.filter(pk=team_id).first():
        _record_link(team, member_id or "", timezone.now())


@app.task(queue="upkeep", task_middleware=[renew_connection])
def mail_invitation(link_id: int, page: str) -> None:
    """Put an invitation into a team into the outbox."""
    if link := AccountLink.objects.filter(pk=link_id).exclude(team=None).first():
        _record_invitation(link, timezone.now())
