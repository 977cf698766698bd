"""Teams: who registers a name, or submits by it first, sets its password; later ones know it."""

import secrets
import unicodedata
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from ratings.challenge.audit_log import record
from ratings.challenge.models import AuditEntry, Challenge, Team
from ratings.challenge.names import require_name
from ratings.challenge.refusals import Refused
from ratings.codecs.baselines import NAMES as BASELINE_NAMES

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
LONGEST_NAME = 128
LONGEST_REASON = 300
# Capital letters of Greek and Cyrillic that look like a Latin one: the plain cases among the
# confusables of Unicode Technical Standard 39.
LOOK_ALIKES = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУХ",  # noqa: RUF001
    "ABEZHIKMNOPTYXABESIJKMHOPCTYX",
)
# Argon2 is slow on purpose; a client that sends hundreds of files need not pay for each of them.
# Holds keyed digests of passwords that were found right; never a password, never a wrong one.
_PROVEN: set[str] = set()
MOST_PROVEN = 1024


def clean_name(name: str) -> str:
    """Return a team's name as it is shown: NFKC, single spaces.

    Raises Refused for what can't be read aloud: control, format, private or unassigned
    characters, colons (HTTP Basic can't carry them), nothing, or more than 128 characters.
    """
    shown = " ".join(unicodedata.normalize("NFKC", name).split())
    hidden = any(unicodedata.category(c).startswith("C") for c in name + shown)
    if not shown or len(shown) > LONGEST_NAME or hidden or ":" in shown:
        raise Refused(
            "team-name",
            f"The team name must have 1 to {LONGEST_NAME} visible characters and no colon.",
        )
    return shown


def team_key(name: str) -> str:
    """Return the normal form by which two names are the same: case, spaces, look-alikes aside."""
    folded = clean_name(name).upper().translate(LOOK_ALIKES).casefold()
    return unicodedata.normalize("NFKC", folded)


def register(challenge: Challenge, name: str, password: str, email: str) -> Team:
    """Make a team of this name, with its password and the address where organizers reach it.

    Raises Refused with code "team-name", "password-length", or "team-taken" where one of this name
    is there, whoever's it is.
    """
    shown, key = clean_name(name), team_key(name)
    _require_takeable(shown, Team.Kind.COMPETING)
    _check_length(password)
    fields = {"name": shown, "password": make_password(password), "email": email}
    team, claimed = _claim(challenge, key, fields)
    if not claimed:
        raise Refused(
            "team-taken",
            f"There is a team {team.name!r} already. If it is yours, sign in; if not, take another "
            "name.",
        )
    return team


def change_account(team: Team, *, password: str = "", email: str = "") -> None:
    """Set the team's password, its e-mail address, or both; what is empty stays as it is.

    With a new password whoever is signed in as the team is not any more. Raises Refused, code
    "password-length".
    """
    if password:
        _check_length(password)
        team.password = make_password(password)
    team.email = email or team.email
    team.save(update_fields=["password", "email"])


def claim_or_authenticate(
    challenge: Challenge, name: str, password: str, *, email: str = "", stated: bool = False
) -> Team:
    """Return the team called `name`; the first to ask for it makes it and sets the password.

    Later calls need that password, and may change the e-mail address. `stated` tells that the name
    was sent by itself too, not only before the colon of HTTP Basic. Raises Refused with code
    "team-name", "password-length" or "wrong-password".
    """
    shown, key = clean_name(name), team_key(name)
    team = Team.objects.filter(challenge=challenge, key=key).first()
    if team is None:
        _require_takeable(shown, Team.Kind.COMPETING)
        if not stated:
            _refuse_cut_name(shown, password)
        _check_length(password)
        fields = {"name": shown, "password": make_password(password), "email": email}
        team, claimed = _claim(challenge, key, fields)
        if claimed:
            return team
    if not _is_password(team, password):
        raise _wrong_password(shown)
    if email and email != team.email:
        change_account(team, email=email)
    return team


def authenticate(challenge: Challenge, name: str, password: str) -> Team:
    """Return the team of this name and password.

    Raises Refused with code "wrong-password"; an unknown name takes as long as a wrong password.
    """
    try:
        team = Team.objects.filter(challenge=challenge, key=team_key(name)).first()
    except Refused:
        team = None
    if team is None:
        make_password(password)
    if team is None or not _is_password(team, password):
        raise _wrong_password(name)
    return team


def owner_key(challenge: Challenge, name: str) -> str:
    """Return what failed passwords are counted for: one team, however its name is written."""
    try:
        return f"{challenge.pk} {team_key(name)}"
    except Refused:
        return f"{challenge.pk} {name}"


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
        _refuse_baseline_name(team.name)
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
    """Erase the team's name, e-mail address and password; its scores stay.

    Nobody can sign in as the team afterwards.
    """
    with transaction.atomic():
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
    require_name(name, "team-name")
    if kind != Team.Kind.BASELINE:
        _refuse_baseline_name(name)


def _refuse_baseline_name(name: str) -> None:
    if _letters(name) in map(_letters, BASELINE_NAMES):
        raise Refused(
            "team-name",
            f"{name!r} is kept for a baseline, which organizers enter to compare with; take "
            f"another name, such as {name + ' by us'!r}.",
        )


def _letters(name: str) -> str:
    """Return what is read of a name: letters and digits of its normal form."""
    return "".join(filter(str.isalnum, team_key(name)))


def _refuse_cut_name(name: str, password: str) -> None:
    """Raise Refused, code "team-name", where the rest of the name stands in the password.

    HTTP Basic cuts at the first colon: 'Vision: Lab' arrives as 'Vision', and the rest begins with
    a space and has the colon that was meant.
    """
    if password.startswith(" ") and ":" in password:
        raise Refused(
            "team-name",
            f"HTTP Basic ends the team's name at its first colon, so this one would be {name!r}, "
            "and the rest a part of the password. Take a name without a colon; if both are right "
            f'as they are, say so with "team": "{name}" in the body.',
        )


def _is_password(team: Team, password: str) -> bool:
    proof = salted_hmac(__name__, f"{team.password} {password}", algorithm="sha256").hexdigest()
    if proof in _PROVEN:
        return True
    if not check_password(password, team.password):
        return False
    if len(_PROVEN) >= MOST_PROVEN:
        _PROVEN.clear()
    _PROVEN.add(proof)
    return True


def _check_length(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refused(
            "password-length",
            f"The password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
        )


def _wrong_password(name: str) -> Refused:
    return Refused(
        "wrong-password",
        f"The password is not the one of the team {name!r}. If another team has this name, take a "
        "different one; if the password is lost, the page where teams sign in says what helps.",
    )
