"""Who may win: by the team's kind, and by the factsheet where the phase asks for one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Phase, Team

Row = TypeVar("Row", bound=Any)  # a frozen dataclass with `team`, `kind` and `kind_reason`


@dataclass(frozen=True)
class Eligibility:
    """How a team takes part in a phase; `reason` says why it can't win."""

    kind: str
    reason: str

    @property
    def eligible(self) -> bool:
        """Whether it may win."""
        return self.kind == Team.Kind.COMPETING


def eligibility_of(team: Team, phase: Phase, now: datetime, *, has_factsheet: bool) -> Eligibility:
    """Return how the team stands: a factsheet counts from its deadline on."""
    closes_at = phase.factsheet_closes_at
    if team.kind != Team.Kind.COMPETING or closes_at is None or has_factsheet or now < closes_at:
        return Eligibility(team.kind, team.kind_reason)
    deadline = announced_deadline(closes_at).astimezone(phase.zone).isoformat()
    return Eligibility(Team.Kind.INELIGIBLE, f"No factsheet by {deadline}.")


def eligibilities(phase: Phase, now: datetime) -> dict[str, Eligibility]:
    """Return the standing of every team with a submission to the phase, by the team's name."""
    with_factsheet = set(phase.factsheets.values_list("team", flat=True))
    teams = Team.objects.filter(submissions__phase=phase).distinct()
    return {
        team.name: eligibility_of(team, phase, now, has_factsheet=team.pk in with_factsheet)
        for team in teams
    }


def with_eligibility(rows: Iterable[Row], eligible: Mapping[str, Eligibility]) -> list[Row]:
    """Return a board's rows with the kind and the reason that hold now.

    What is out of the competition stays that.
    """
    return [
        replace(row, kind=eligible[row.team].kind, kind_reason=eligible[row.team].reason)
        if row.kind in Team.Kind.values
        else row
        for row in rows
    ]
