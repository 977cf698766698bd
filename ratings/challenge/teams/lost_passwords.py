"""A lost password of a team or a member: a link, good once and for a while, sets a new one."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from ratings.challenge.models import Challenge, Member, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import Actor, Holder, change_account

EXPIRED = (
    "This link is not, or no longer, good for a new password: it is good once, for a few hours, "
    "and only the last one. Ask for another."
)
OF_MEMBER = "m"  # before the key of a member


class _Tokens(PasswordResetTokenGenerator):
    """Django's tokens, for teams: a new password or address makes those from before worthless."""

    key_salt = "ratings.challenge.lost_passwords"  # renamed, it would void links that are under way

    def _make_hash_value(self, holder: Holder, timestamp: int) -> str:  # type: ignore[override]
        return f"{_key(holder)} {holder.password} {holder.email} {timestamp}"


def mail_is_set_up() -> bool:
    """Tell whether this site can send mail; without, organizers reset passwords at the desk."""
    return bool(settings.EMAIL_HOST)


def make_token(holder: Holder) -> str:
    """Return what stands for a team or a member in a link that sets a new password."""
    return f"{_key(holder)}-{_Tokens().make_token(holder)}"  # type: ignore[arg-type]


def actor_of_token(challenge: Challenge, token: str) -> Actor:
    """Return who a token was made for. Raises Refused, code "link-expired"."""
    key, _, rest = token.partition("-")
    pk = key.removeprefix(OF_MEMBER)
    number = int(pk) if pk.isascii() and pk.isdecimal() and len(pk) < 10 else 0
    holders = (Member if key.startswith(OF_MEMBER) else Team).objects.filter(challenge=challenge)
    holder = holders.filter(pk=number).first()
    if holder is None or not _Tokens().check_token(holder, rest):  # type: ignore[arg-type]
        raise Refused("link-expired", EXPIRED)
    return Actor.of(holder)


def renew_password(challenge: Challenge, token: str, password: str) -> Actor:
    """Set the password by a token, which is worth nothing afterwards; return whose it is.

    Raises Refused, code "link-expired" or "password-length".
    """
    actor = actor_of_token(challenge, token)
    change_account(actor.holder, password=password)
    return actor


def link_expires(made_at: datetime) -> datetime:
    """Return until when a link may be used that was made at an instant."""
    return made_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def _key(holder: Holder) -> str:
    return f"{OF_MEMBER}{holder.pk}" if isinstance(holder, Member) else str(holder.pk)
