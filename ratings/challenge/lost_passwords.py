"""A lost password of a team: a link by mail, good once and for a while, lets it set a new one."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail

from ratings.challenge.models import Challenge, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.team_accounts import change_account

EXPIRED = (
    "This link is not, or no longer, good for a new password: it is good once, for a few hours, "
    "and only the last one. Ask for another."
)
TEXT = """Somebody, probably you, asked for a new password of the team {team} in {challenge}.

Set it here, within {hours} hours:

{link}

If it was not you, do nothing: the password stays as it is.
"""


class _Tokens(PasswordResetTokenGenerator):
    """Django's tokens, for teams: a new password or address makes those from before worthless."""

    key_salt = "ratings.challenge.lost_passwords"

    def _make_hash_value(self, team: Team, timestamp: int) -> str:  # type: ignore[override]
        return f"{team.pk} {team.password} {team.email} {timestamp}"


def mail_is_set_up() -> bool:
    """Tell whether this site can send mail; without, organizers reset passwords at the desk."""
    return bool(settings.EMAIL_HOST)


def make_token(team: Team) -> str:
    """Return what stands for the team in a link that sets a new password."""
    return f"{team.pk}-{_Tokens().make_token(team)}"  # type: ignore[arg-type]


def team_of_token(challenge: Challenge, token: str) -> Team:
    """Return the team that a token was made for. Raises Refused, code "link-expired"."""
    pk, _, rest = token.partition("-")
    number = int(pk) if pk.isascii() and pk.isdecimal() and len(pk) < 10 else 0
    team = challenge.teams.filter(pk=number).first()
    if team is None or not _Tokens().check_token(team, rest):  # type: ignore[arg-type]
        raise Refused("link-expired", EXPIRED)
    return team


def renew_password(challenge: Challenge, token: str, password: str) -> Team:
    """Set the password by a token, which is worth nothing afterwards; return the team.

    Raises Refused, code "link-expired" or "password-length".
    """
    team = team_of_token(challenge, token)
    change_account(team, password=password)
    return team


def send_link(team: Team, link: str) -> None:
    """Send the link to the team's address. Raises SMTPException or OSError."""
    send_mail(
        f"A new password for {team.name}",
        TEXT.format(
            team=team.name,
            challenge=team.challenge.name,
            hours=settings.PASSWORD_RESET_TIMEOUT // 3600,
            link=link,
        ),
        None,
        [team.email],
    )
