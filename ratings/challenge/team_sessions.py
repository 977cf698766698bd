"""Teams that are signed in on the pages: a browser's session holds one for each challenge."""

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare, salted_hmac

from ratings.challenge.models import Challenge, Team

SESSION_KEY = "teams"


def signed_in(session: SessionBase, challenge: Challenge) -> Team | None:
    """Return the team of this challenge that is signed in; a new password signs it out."""
    pk, proof = session.get(SESSION_KEY, {}).get(str(challenge.pk), (None, ""))
    team = challenge.teams.filter(pk=pk).first() if pk else None
    return team if team and constant_time_compare(proof, _proof(team)) else None


def any_signed_in(session: SessionBase) -> bool:
    """Tell whether the session is a team's, of whichever challenge."""
    return bool(session.get(SESSION_KEY))


def sign_in(session: SessionBase, team: Team) -> None:
    """Let the session be the team's. Its key changes, so that no earlier one is worth anything."""
    teams = session.get(SESSION_KEY, {})
    session.cycle_key()
    session[SESSION_KEY] = teams | {str(team.challenge_id): [team.pk, _proof(team)]}


def sign_out(session: SessionBase, challenge: Challenge) -> None:
    """Forget the team of this challenge."""
    teams = dict(session.get(SESSION_KEY, {}))
    teams.pop(str(challenge.pk), None)
    session[SESSION_KEY] = teams


def _proof(team: Team) -> str:
    return salted_hmac(SESSION_KEY, f"{team.pk} {team.password}", algorithm="sha256").hexdigest()
