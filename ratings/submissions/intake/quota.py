"""How often a team may submit: in any 24 hours, and in the whole phase."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.models import Submission
from ratings.submissions.retention.stored_bytes import require_room_to_close

DAY = timedelta(hours=24)
# Whether a decoder started is read from what it leaves, which a team can forge: so what never
# started is free as often in 24 hours as a team may submit, or so often without such a limit.
FREE_STARTS = 20


@dataclass(frozen=True)
class Quota:
    """What a team has used up; a limit is None where there is none.

    `next_at` is the first instant at which it may submit again: now, or later, or None for never.
    """

    per_day: int | None
    in_all: int | None
    used_per_day: int
    used_in_all: int
    next_at: datetime | None

    def allows(self, now: datetime) -> bool:
        """Tell whether the team may submit at this instant."""
        return self.next_at is not None and self.next_at <= now


def quota(
    per_day: int | None, in_all: int | None, submitted: Sequence[datetime], now: datetime
) -> Quota:
    """Return the quota at `now` from the instants of the submissions that count."""
    recent = sorted(at for at in submitted if at > now - DAY)
    next_at: datetime | None = now
    if per_day is not None and len(recent) >= per_day:
        # One more fits in when the oldest of the latest `per_day` is a day old.
        next_at = recent[-per_day] + DAY
    if in_all is not None and len(submitted) >= in_all:
        next_at = None
    return Quota(per_day, in_all, len(recent), len(submitted), next_at)


def beyond(free: int, never_ran: Iterable[datetime]) -> list[datetime]:
    """Return the instants before each of which `free` others were spared within 24 hours."""
    spared: list[datetime] = []
    counted: list[datetime] = []
    for at in sorted(never_ran):
        recent = sum(spared_at > at - DAY for spared_at in spared)
        (spared if recent < free else counted).append(at)
    return counted


def team_quota(phase: Phase, team: Team, now: datetime) -> Quota:
    """Return the team's quota in the phase. Baselines have none.

    All that was submitted counts, but what failed by the server's fault, was taken in late, or
    failed without its decoder having started, the first few such within 24 hours.
    """
    if team.is_baseline:
        return quota(None, None, [], now)
    counted = Submission.objects.filter(
        phase=phase,
        team=team,
        submitted_at__isnull=False,
        failed_by_server=False,
        late_note="",
    )
    per_day = phase.submissions_per_day
    ran, never_ran = (
        [at for at in rows.values_list("submitted_at", flat=True) if at is not None]
        for rows in (counted.filter(never_ran=False), counted.filter(never_ran=True))
    )
    free = FREE_STARTS if per_day is None else per_day
    instants = ran + beyond(free, never_ran)
    return quota(per_day, phase.submissions_in_all, instants, now)


def require_quota(phase: Phase, team: Team, now: datetime) -> None:
    """Raise Refused, code "quota", with the next possible instant, where it is used up.

    A phase that sets no quota has a limit of bytes in its place: code "closed-bytes".
    """
    left = team_quota(phase, team, now)
    if phase.submissions_per_day is None and phase.submissions_in_all is None:
        if not team.is_baseline:
            require_room_to_close(phase, team)
        return
    if left.allows(now):
        return
    if left.next_at is None:
        raise Refused(
            "quota",
            f"{team} has used all {left.in_all} submissions of {phase.name}; no more are taken.",
        )
    shown = left.next_at.astimezone(phase.zone).isoformat(timespec="seconds")
    over = " That is after the phase has closed." if left.next_at >= phase.closes_at else ""
    raise Refused(
        "quota",
        f"{team} has submitted {left.used_per_day} times to {phase.name} in the last 24 hours, "
        f"of {left.per_day} allowed. The next submission is possible from {shown} on.{over}",
        retry_at=left.next_at,
    )
