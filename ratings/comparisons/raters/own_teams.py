"""Raters who are members of a team: they don't judge its pictures."""

from urllib.parse import urlencode

from django.db.models import QuerySet

from ratings.challenge.models import Team
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Pair, Study
from ratings.comparisons.protocol import OwnParameter


def asks_for_team(study: Study) -> bool:
    """Tell whether raters say of which team they are a member."""
    return bool(study.protocol.recruiting.own_team)


def teams_of(study: Study) -> QuerySet[Team]:
    """Return the teams with entries in a study, by name; organizers' baselines are none.

    Their names alone: nothing tells which of them made what.
    """
    entries = study.entries.filter(active=True)
    teams = Team.objects.filter(pk__in=entries.values("submission__team"))
    return teams.exclude(kind=Team.Kind.BASELINE).order_by("key")


def team_links(study: Study, address: str) -> list[tuple[str, str]]:
    """Return each team's name and its link, which says for its members that they are; or nothing.

    `address` is that of the rating page.
    """
    if not asks_for_team(study):
        return []
    names = teams_of(study).values_list("name", flat=True)
    return [(name, f"{address}?{urlencode({OwnParameter.TEAM.value: name})}") for name in names]


def team_named(study: Study, name: str) -> Team | None:
    """Return the team that a rater says they are a member of, None for none.

    What nobody asks is not kept. Raises Refused, code "invalid", for a team that there is not, and
    "own-team-only" where all that is compared is compared with that team's.
    """
    if not name or not asks_for_team(study):
        return None
    team = teams_of(study).filter(name=name).first()
    if team is None:
        raise Refused("invalid", f"team: {name!r} has no pictures in this study.")
    pairs = Pair.objects.filter(study=study, first__active=True, second__active=True)
    if (
        not pairs.exclude(first__submission__team=team)
        .exclude(second__submission__team=team)
        .exists()
    ):
        raise Refused(
            "own-team-only",
            f"All pictures of this study are compared with {name}'s, so its members can't judge.",
        )
    return team
