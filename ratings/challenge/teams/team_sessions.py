"""Teams that are signed in on the pages: a browser's session holds one for each challenge."""

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare, salted_hmac

from ratings.challenge.models import Challenge, Team
from ratings.challenge.teams.team_logins import Actor

SESSION_KEY = "teams"


def signed_in(session: SessionBase, challenge: Challenge) -> Actor | None:
    """Return who of a team of this challenge is signed in; a new password signs them out."""
    entry = session.get(SESSION_KEY, {}).get(str(challenge.pk))
    if not entry:
        return None
    pk, proof, *member = entry
    team = challenge.teams.filter(pk=pk).first()
    actor = team and _actor(team, *member)
    return actor if actor and constant_time_compare(proof, _proof(actor)) else None


def any_signed_in(session: SessionBase) -> bool:
    """Tell whether the session is a team's, of whichever challenge."""
    return bool(session.get(SESSION_KEY))


def sign_in(session: SessionBase, actor: Actor) -> None:
    """Let the session act for the team. Its key changes: no earlier one is worth anything."""
    teams = session.get(SESSION_KEY, {})
    session.cycle_key()
    entry = [actor.team.pk, _proof(actor), *([actor.member.pk] if actor.member else [])]
    session[SESSION_KEY] = teams | {str(actor.team.challenge_id): entry}


def sign_out(session: SessionBase, challenge: Challenge) -> None:
    """Forget the team of this challenge."""
    teams = dict(session.get(SESSION_KEY, {}))
    teams.pop(str(challenge.pk), None)
    session[SESSION_KEY] = teams


def _actor(team: Team, member_pk: int | None = None) -> Actor | None:
    """Return the team, or its member of this key; None where they are a member no more."""
    if member_pk is None:
        return Actor(team)
    member = team.members.filter(pk=member_pk).first()
    return Actor(team, member) if member else None


def _proof(actor: Actor) -> str:
    # A team's is as it was before there were members, so that nobody is signed out by them.
    whose = f"{actor.team.pk} m{actor.member.pk}" if actor.member else f"{actor.team.pk}"
    secret = f"{whose} {actor.holder.password}"
    return salted_hmac(SESSION_KEY, secret, algorithm="sha256").hexdigest()
