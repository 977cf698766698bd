"""Members of a team: invited by a link, known by a name and password of their own, removed.

The first of them owns the team. Until somebody has joined, whoever knows its password does.
"""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.access.links import (
    find_usable,
    make_link,
    require_label,
    usable_links,
    use_up,
)
from ratings.challenge.models import AccountLink, AuditEntry, Challenge, Member, Team
from ratings.challenge.names import require_name
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.lost_passwords import make_token
from ratings.challenge.teams.team_logins import (
    BY_MEMBER,
    Actor,
    email_taken,
    holders_called,
    new_password,
    told_to_team,
)
from ratings.challenge.teams.team_names import clean_name, refuse_baseline_name, team_key
from ratings.outbox.forgetting import forget_receivers

Kind = AuditEntry.Kind
# What such an act was about is a person's name.
ABOUT_PEOPLE = (Kind.INVITE, Kind.UNINVITE, Kind.JOIN, Kind.RESET, Kind.REMOVE)


def owner_of(team: Team) -> Member | None:
    """Return the member who owns the team: who joined first of those that are there."""
    return team.members.first()


def owns(actor: Actor) -> bool:
    """Tell whether somebody may invite, remove, and reset passwords."""
    return actor.member == owner_of(actor.team)


def require_owner(actor: Actor) -> None:
    """Raise Refused, code "not-owner", for members who don't own the team."""
    if not owns(actor):
        owner = owner_of(actor.team)
        raise Refused("not-owner", f"Only {owner.name if owner else 'the team'} may do this.")


def invite_member(
    team: Team, label: str, email: str, by: str, at: datetime
) -> tuple[AccountLink, str]:
    """Make an invitation into a team; return it with its token, which nothing shows again.

    `label` says whom it is for, `email` where it will be sent, if anywhere. Raises Refused, code
    "account-link".
    """
    label = require_label(label)
    with transaction.atomic():
        record(team.challenge, Kind.INVITE, by, at, team=team, subject=label)
        return make_link(by, at, team=team, label=label, email=email)


def uninvite_member(invitation: AccountLink, by: str, at: datetime) -> None:
    """Take an invitation back that nobody has used."""
    team = _team_of(invitation)
    with transaction.atomic():
        if AccountLink.objects.filter(pk=invitation.pk).delete()[0]:
            record(team.challenge, Kind.UNINVITE, by, at, team=team, subject=invitation.label)


def team_invitations(team: Team, at: datetime) -> QuerySet[AccountLink]:
    """Return the invitations into a team that may still be used, the newest first."""
    return usable_links(at).filter(team=team)


def find_invitation(challenge: Challenge, token: str, at: datetime) -> AccountLink:
    """Return the invitation that a token is of. Raises Refused, code "unknown-link"."""
    return find_usable(usable_links(at).filter(team__challenge=challenge), token)


def join_team(
    challenge: Challenge, token: str, at: datetime, *, name: str, password: str, email: str = ""
) -> Actor:
    """Use an invitation up: make the member who is called `name`; return who acts from now on.

    Raises Refused, code "unknown-link", "team-name", "account-name" or "password-length".
    """
    shown = clean_name(name)
    fields = {"name": shown, "key": team_key(shown), "email": email}
    try:
        with transaction.atomic():
            invitation = find_invitation(challenge, token, at)
            use_up(invitation)
            _require_free(challenge, shown, email)
            team = _team_of(invitation)
            kept = new_password(password)
            member = Member.objects.create(
                challenge=challenge, team=team, password=kept, joined_at=at, **fields
            )
            actor = Actor(team, member)
            note = f"invited by {told_to_team(invitation.by)} as {invitation.label}"
            record(challenge, Kind.JOIN, actor.signature, at, team=team, subject=shown, note=note)
    except IntegrityError as error:
        raise _name_taken(shown) from error
    return actor


def remove_member(member: Member, by: str, at: datetime) -> None:
    """Remove a member: they act for the team no more, and their invitations are worth nothing.

    What they did stays, under their name.
    """
    with transaction.atomic():
        if Member.objects.filter(pk=member.pk).delete()[0]:
            forget_receivers(f"member {member.pk}")
            member.team.invitations.filter(by=f"{BY_MEMBER}{member.name}").delete()
            team = member.team
            record(team.challenge, Kind.REMOVE, by, at, team=team, subject=member.name)


def reset_member(member: Member, by: str, at: datetime) -> str:
    """End a member's password and sessions; return the token of a link to a new password."""
    with transaction.atomic():
        member.password = make_password(None)
        member.save(update_fields=["password"])
        team = member.team
        record(team.challenge, Kind.RESET, by, at, team=team, subject=member.name)
    return make_token(member)


def erase_members(team: Team) -> None:
    """Erase the names and addresses of a team's members, from the record of acts too."""
    forget_receivers(*(f"member {pk}" for pk in team.members.values_list("pk", flat=True)))
    team.members.all().delete()
    team.invitations.all().delete()
    acts = team.audit_entries
    acts.filter(by__startswith=BY_MEMBER).update(by=f"{BY_MEMBER}of the team")
    acts.filter(kind__in=ABOUT_PEOPLE).update(subject="", note="")


def _team_of(invitation: AccountLink) -> Team:
    if invitation.team is None:
        raise ValueError("This link invites into no team.")
    return invitation.team


def _require_free(challenge: Challenge, name: str, email: str) -> None:
    """Raise Refused where nobody new may have this name, or this address."""
    require_name(name, "account-name")
    refuse_baseline_name(name)
    if any(holders_called(challenge, name)):
        raise _name_taken(name)
    if email and Member.objects.filter(challenge=challenge, email__iexact=email).exists():
        raise email_taken(email)


def _name_taken(name: str) -> Refused:
    return Refused("account-name", f"A team or somebody is called {name!r} already; take another.")
