"""How often a team may still submit to a phase, and when the next time is."""

from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.calendar import phase_state
from ratings.challenge.models import Phase, Team
from ratings.submissions.intake.quota import Quota, team_quota
from ratings.web.parts.words.formatting import Moment, moment


@dataclass(frozen=True)
class QuotaLine:
    """A team's quota in a phase; `next_at` is there where it has to wait.

    `may_begin` tells whether the phase takes a submission of the team now.
    """

    quota: Quota
    next_at: Moment | None
    may_begin: bool


def quota_line(phase: Phase, team: Team, now: datetime) -> QuotaLine:
    """Return the team's quota in the phase."""
    quota = team_quota(phase, team, now)
    waits = quota.next_at and not quota.allows(now)
    return QuotaLine(
        quota=quota,
        next_at=moment(quota.next_at, phase.zone) if quota.next_at and waits else None,
        may_begin=phase_state(phase, now) == "open" and quota.allows(now),
    )
