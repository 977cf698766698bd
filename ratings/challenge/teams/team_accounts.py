"""Teams: who registers a name, or submits by it first, sets its password; later ones know it."""

import secrets
from datetime import datetime
from itertools import chain

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Challenge, Member, Team
from ratings.challenge.names import require_shown_name
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import (
    Actor,
    change_account,
    holders_called,
    new_password,
    prove,
)
from ratings.challenge.teams.team_members import erase_members
from ratings.challenge.teams.team_names import (
    clean_name,
    is_address,
    refuse_address,
    refuse_baseline_name,
    refuse_cut_name,
    team_key,
)
from ratings.outbox.forgetting import forget_team

LONGEST_REASON = 300
TAKEN = " If another team has this name, take a different one."


def register(challenge: Challenge, name: str, password: str, email: str) -> Team:
    """Make a team of this name, with its password and the address where organizers reach it.

    Raises Refused with code "team-name", "password-length", or "team-taken" where one of this name
    is there, whoever's it is.
    """
    shown, key = clean_name(name), team_key(name)
    refuse_address(shown)
    _require_takeable(shown, Team.Kind.COMPETING)
    _refuse_member_name(challenge, shown)
    fields = {"name": shown, "password": new_password(password), "email": email}
    team, claimed = _claim(challenge, key, fields)
    if not claimed:
        raise Refused(
            "team-taken",
            f"There is a team {team.name!r} already. If it is yours, sign in; if not, take another "
            "name.",
        )
    return team


def claim_or_authenticate(
    challenge: Challenge, name: str, password: str, *, email: str = "", stated: bool = False
) -> Actor:
    """Return who acts by this name; the first to ask for it makes a team and sets its password.

    Later calls need that password, and may change the team's e-mail address; or a member's name and
    own one, which changes none. `stated` tells that the name was sent by itself too, not only
    before the colon of HTTP Basic. Raises Refused with code "team-name", "password-length" or
    "wrong-password".
    """
    shown, key = clean_name(name), team_key(name)
    holders = holders_called(challenge, name)
    first = next(holders, None)
    if first is None and is_address(shown):
        return prove((), shown, password, mend=TAKEN)  # as where it is some member's
    if first is None:
        _require_takeable(shown, Team.Kind.COMPETING)
        if not stated:
            refuse_cut_name(shown, password)
        fields = {"name": shown, "password": new_password(password), "email": email}
        team, claimed = _claim(challenge, key, fields)
        if claimed:
            return Actor(team)
        first = team
    actor = prove(chain([first], holders), shown, password, mend=TAKEN)
    if email and actor.member is None and email != actor.team.email:
        change_account(actor.team, email=email)
    return actor


def require_kind(challenge: Challenge, name: str, kind: Team.Kind) -> None:
    """Raise Refused, code "team-kind", where a team of this name is there as another kind."""
    team = Team.objects.filter(challenge=challenge, key=team_key(name)).first()
    if team and team.kind != kind:
        raise Refused(
            "team-kind",
            f"The team {team.name!r} exists already as: {team.kind}. If it is the organizers' own, "
            f"change its kind to {kind} at the desk; if not, agree on another name with it.",
        )


def enter_team(challenge: Challenge, name: str, kind: Team.Kind) -> Team:
    """Return the team that an organizer enters; made without a password where it is new.

    Raises Refused with code "team-name", or "team-kind" when it exists as another kind.
    """
    shown, key = clean_name(name), team_key(name)
    team = Team.objects.filter(challenge=challenge, key=key).first()
    if team is None:
        _require_takeable(shown, kind)
        team, _ = _claim(challenge, key, {"name": shown, "kind": kind})
    require_kind(challenge, name, kind)
    return team


def reset_password(team: Team, by: str, at: datetime) -> str:
    """Set a random password for a team that has lost its own, and return it, to be shown once.

    Whoever is signed in as the team is not any more.
    """
    password = secrets.token_urlsafe(15)
    with transaction.atomic():
        team.password = make_password(password)
        team.save(update_fields=["password"])
        record(team.challenge, AuditEntry.Kind.PASSWORD, by, at, team=team)
    return password


def set_kind(team: Team, kind: str, reason: str, by: str, at: datetime) -> None:
    """Change how the team takes part, on record.

    Raises Refused, code "team-kind", for an unknown kind, or where why it can't win is not said.
    """
    reason = reason.strip()
    if kind not in Team.Kind.values:
        raise Refused("team-kind", f"{kind!r} is none of: {', '.join(Team.Kind.values)}.")
    if team.is_baseline and kind != Team.Kind.BASELINE:
        refuse_baseline_name(team.name)
    if kind == Team.Kind.INELIGIBLE and not reason:
        raise Refused("team-kind", "Say why the team is not eligible: the boards show it.")
    with transaction.atomic():
        team.kind, team.kind_reason = kind, reason[:LONGEST_REASON]
        team.save(update_fields=["kind", "kind_reason"])
        record(
            team.challenge,
            AuditEntry.Kind.KIND,
            by,
            at,
            team=team,
            subject=team.kind,
            note=team.kind_reason,
        )


def erase_team(team: Team, by: str, at: datetime) -> None:
    """Erase the team's name, e-mail address, password and members; its scores stay.

    Nobody can sign in as the team afterwards.
    """
    with transaction.atomic():
        erase_members(team)
        forget_team(team.pk)
        team.name, team.email, team.password = f"Erased team {team.pk}", "", ""
        team.key = team_key(team.name)
        team.save(update_fields=["name", "key", "email", "password"])
        record(team.challenge, AuditEntry.Kind.ERASE, by, at, team=team)


def _claim(challenge: Challenge, key: str, fields: dict[str, str]) -> tuple[Team, bool]:
    """Return the team of this key, and whether it was made here: the unique key decides a race."""
    try:
        with transaction.atomic():
            return Team.objects.create(challenge=challenge, key=key, **fields), True
    except IntegrityError:
        return Team.objects.get(challenge=challenge, key=key), False


def _require_takeable(name: str, kind: str) -> None:
    """Raise Refused, code "team-name", where a new team of this kind can't be called so."""
    require_shown_name(name, "team-name")
    if kind != Team.Kind.BASELINE:
        refuse_baseline_name(name)


def _refuse_member_name(challenge: Challenge, name: str) -> None:
    """Raise Refused, code "team-taken", for the name of a member of some team."""
    if any(isinstance(holder, Member) for holder in holders_called(challenge, name)):
        raise Refused("team-taken", f"The name {name!r} is taken; take another one.")
