"""Who may win: by the team's kind, and by the factsheet where the phase asks for one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Phase, Team

Row = TypeVar("Row", bound=Any)  # a frozen dataclass with `team`, `kind` and `kind_reason`


@dataclass(frozen=True)
class Standing:
    """How a team takes part in a phase; `reason` says why it can't win."""

    kind: str
    reason: str

    @property
    def eligible(self) -> bool:
        """Whether it may win."""
        return self.kind == Team.Kind.COMPETING


def standing(team: Team, phase: Phase, now: datetime, *, has_factsheet: bool) -> Standing:
    """Return how the team stands: a factsheet counts from its deadline on."""
    closes_at = phase.factsheet_closes_at
    if team.kind != Team.Kind.COMPETING or closes_at is None or has_factsheet or now < closes_at:
        return Standing(team.kind, team.kind_reason)
    deadline = announced_deadline(closes_at).astimezone(phase.zone).isoformat()
    return Standing(Team.Kind.INELIGIBLE, f"No factsheet by {deadline}.")


def standings(phase: Phase, now: datetime) -> dict[str, Standing]:
    """Return the standing of every team with a submission to the phase, by the team's name."""
    with_factsheet = set(phase.factsheets.values_list("team", flat=True))
    teams = Team.objects.filter(submissions__phase=phase).distinct()
    return {
        team.name: standing(team, phase, now, has_factsheet=team.pk in with_factsheet)
        for team in teams
    }


def with_standings(rows: Iterable[Row], found: Mapping[str, Standing]) -> list[Row]:
    """Return a board's rows with the kind and the reason that hold now."""
    return [
        replace(row, kind=found[row.team].kind, kind_reason=found[row.team].reason) for row in rows
    ]
