"""Mail that the site sends: by workers, so that no page waits for a mail server."""

from datetime import datetime

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from ratings.challenge.access.limits import INVITATIONS, PASSWORD_LINKS
from ratings.challenge.access.links import renew_token
from ratings.challenge.models import AccountLink, Challenge, Member, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import mail_is_set_up, make_token, send_link
from ratings.challenge.teams.team_logins import Actor, holders_called
from ratings.challenge.teams.team_members import invite_member, send_invitation
from ratings.challenge.teams.team_names import owner_key
from ratings.jobs.tasks import ATTEMPTS, renew_connection

SOON = 10  # before other upkeep
NO_MAIL = "This site sends no mail. Write to the organizers: they can set a new password."


def ask_for_password_link(
    challenge: Challenge, name: str, page: str, address: str | None, now: datetime
) -> None:
    """Let a link to a new password be sent to the team or member of this name, or this address.

    Whether there is one, with an address, is not told. `page` is as `mail_password_link`
    takes it, `address` that of who asks. Raises Refused with code "mail", where this site sends
    none, "too-often", or "team-name" for what can be no name.
    """
    if not mail_is_set_up():
        raise Refused("mail", NO_MAIL)
    PASSWORD_LINKS.count(owner_key(challenge, name), address, now)
    for holder in holders_called(challenge, name):
        actor = Actor.of(holder)
        if holder.email and not actor.team.is_baseline:
            member = actor.member.pk if actor.member else None
            mail_password_link.defer(team_id=actor.team.pk, page=page, member_id=member)


def invite_to_team(
    team: Team, label: str, email: str, page: str, by: str, now: datetime, address: str | None
) -> str:
    """Invite somebody into a team; return the token of the link, "" where it goes by mail.

    It does where there is an `email` and the site sends mail. `page` is the address of the site's
    page that takes such links, `address` that of who asks. Raises Refused, code "account-link", or
    "too-often".
    """
    INVITATIONS.count(str(team.pk), address, now)
    with transaction.atomic():
        link, token = invite_member(team, label, email, by, now)
        if not (email and mail_is_set_up()):
            return token
        mail_invitation.defer(link_id=link.pk, page=page)
        return ""


@app.task(
    queue="upkeep",
    priority=SOON,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4),
    task_middleware=[renew_connection],
)
def mail_password_link(team_id: int, page: str, member_id: int | None = None) -> None:
    """Send a team, or its member, a link below `page`, where the site sets a new password.

    The token is made here: no job has one, and it is young when it arrives.
    """
    teams = Team.objects.filter(pk=team_id)
    members = Member.objects.filter(team=team_id, pk=member_id or 0).select_related("team")
    named = teams if member_id is None else members
    holder = named.select_related("challenge").exclude(email="").first()
    if holder:
        send_link(holder, f"{page}{make_token(holder)}/")


@app.task(
    queue="upkeep",
    priority=SOON,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=4),
    task_middleware=[renew_connection],
)
def mail_invitation(link_id: int, page: str) -> None:
    """Send an invitation into a team, a link below `page`; its token is made here too."""
    link = AccountLink.objects.filter(pk=link_id).exclude(team=None).first()
    if link:
        send_invitation(link, f"{page}{renew_token(link)}/")
