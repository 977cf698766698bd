"""Letters that somebody asked for: a link to a new password, an invitation into a team.

Tokens are made here: nothing that waits has one, and they are young when they arrive.
"""

from django.conf import settings

from ratings.challenge.access.links import LASTS, renew_token
from ratings.challenge.models import AccountLink, Member, Team
from ratings.challenge.teams.lost_passwords import make_token
from ratings.notices.site_pages import join_page, password_page
from ratings.outbox.letters import Letter

PASSWORD = """Somebody, probably you, asked for a new password of {whose} in {challenge}.

Set it here, within {hours} hours:

{link}

If it was not you, do nothing: the password stays as it is.
"""
INVITATION = """You are invited to join the team {team} in {challenge}.

Choose a name and a password here, within {days} days:

{link}

The link works once. If you know nothing of it, do nothing.
"""


def password_letter(holder: Team | Member) -> Letter:
    """Return a letter with a link by which a team, or its member, sets a new password."""
    is_member = isinstance(holder, Member)
    whose = f"{holder.name}, of the team {holder.team.name}," if isinstance(holder, Member) else ""
    words = PASSWORD.format(
        whose=whose if is_member else f"the team {holder.name}",
        challenge=holder.challenge.name,
        hours=settings.PASSWORD_RESET_TIMEOUT // 3600,
        link=password_page(holder.challenge, make_token(holder)),
    )
    return Letter(holder.email, f"A new password for {holder.name}", words)


def invitation_letter(link: AccountLink) -> Letter | None:
    """Return a letter with an invitation into a team; None for what is no such invitation."""
    if link.team is None:
        return None
    challenge = link.team.challenge
    words = INVITATION.format(
        team=link.team.name,
        challenge=challenge.name,
        days=LASTS.days,
        link=join_page(challenge, renew_token(link)),
    )
    return Letter(link.email, f"Join the team {link.team.name}", words)
