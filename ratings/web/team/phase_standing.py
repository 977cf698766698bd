"""How a team stands in a phase: its quota, its factsheet, its submissions."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Phase, Team
from ratings.metrics.models import MetricTrack
from ratings.submissions.models import Factsheet, Submission
from ratings.submissions.retention.stored_bytes import most_open_bytes, open_bytes
from ratings.submissions.rulings.eligibility import Eligibility, eligibility_of
from ratings.web.parts.paging import ListPage, page_of
from ratings.web.parts.words.formatting import Moment, file_size, moment
from ratings.web.team.own_lines import OwnLine, own_lines, own_submissions
from ratings.web.team.quota_lines import QuotaLine, quota_line


@dataclass(frozen=True)
class PhaseStanding:
    """How the team stands in one phase."""

    phase: Phase
    quota: QuotaLine
    standing: Eligibility
    factsheet: Factsheet | None
    factsheet_due: Moment | None
    factsheet_open: bool
    page: ListPage
    submissions: list[OwnLine]
    held_open: str
    takes_metrics: bool

    @property
    def sent(self) -> list[OwnLine]:
        """The submissions that were closed, so that they count."""
        return [line for line in self.submissions if not self._is_draft(line)]

    @property
    def drafts(self) -> list[OwnLine]:
        """The submissions that are still open."""
        return [line for line in self.submissions if self._is_draft(line)]

    @staticmethod
    def _is_draft(line: OwnLine) -> bool:
        return line.submission.state == Submission.State.OPEN


def phase_standing(request: HttpRequest, phase: Phase, team: Team, now: datetime) -> PhaseStanding:
    """Return how the team stands in the phase, with a page of its submissions."""
    shown = page_of(request, own_submissions(phase, team), f"page-{phase.slug}")
    factsheet = phase.factsheets.filter(team=team).first()
    due = phase.factsheet_closes_at
    return PhaseStanding(
        phase=phase,
        quota=quota_line(phase, team, now),
        standing=eligibility_of(team, phase, now, has_factsheet=factsheet is not None),
        factsheet=factsheet,
        factsheet_due=moment(announced_deadline(due), phase.zone) if due else None,
        factsheet_open=due is not None and now < due,
        page=shown,
        submissions=own_lines(phase, shown.rows, now),
        held_open=_held_open(phase, team),
        takes_metrics=MetricTrack.objects.filter(phase=phase, is_open=True).exists(),
    )


def _held_open(phase: Phase, team: Team) -> str:
    """Return what the team's open submissions hold, of how much; "" where they hold nothing."""
    held = open_bytes(phase, team)
    return f"{file_size(held)} of the {file_size(most_open_bytes(phase))}" if held else ""
