"""A team's own submissions, a line each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from ratings.challenge.access.visibility import own_scores_open
from ratings.challenge.models import Phase, Team
from ratings.fidelity.scores import Scores, submission_scores
from ratings.submissions.intake.closing import progress_of_submissions, queue_positions
from ratings.submissions.models import Submission
from ratings.web.parts.words.formatting import Moment, decimal, moment
from ratings.web.parts.words.run_descriptions import RunGlance, glance, with_runs


@dataclass(frozen=True)
class OwnLine:
    """One submission of the team: where it stands and all that stands against it."""

    submission: Submission
    begun: Moment
    where: str
    problems: list[str]
    scores: Scores | None
    psnr_db: str
    bpp: str
    run: RunGlance | None


def own_submissions(phase: Phase, team: Team) -> QuerySet[Submission]:
    """Return a team's submissions to a phase, the newest first, with all that `own_lines` asks."""
    rows = team.submissions.filter(phase=phase).select_related("phase__decoders_from", "team")
    return with_runs(rows).order_by("-created_at", "pk")


def own_lines(phase: Phase, shown: Sequence[Submission], now: datetime) -> list[OwnLine]:
    """Return some of `own_submissions` as lines, in a few queries for any number of them."""
    scores = {}
    if own_scores_open(phase, now):
        rows = Submission.objects.filter(pk__in=[row.pk for row in shown])
        scores = {scored.submission.pk: scored for scored in submission_scores(rows)}
    lines = []
    drafts = progress_of_submissions([row for row in shown if row.state == Submission.State.OPEN])
    places = queue_positions(shown)
    for row in shown:
        own, draft = scores.get(row.pk), drafts.get(row.pk)
        lines.append(
            OwnLine(
                submission=row,
                begun=moment(row.created_at, phase.zone),
                where=_where(places.get(row.pk, 1)),
                problems=draft.problems if draft else row.problems,
                scores=own,
                psnr_db=decimal(own.psnr_db if own else None, 2),
                bpp=decimal(own.bpp if own else None, 4),
                run=glance(row.runs.all()),
            )
        )
    return lines


def _where(place: int) -> str:
    return f"{place - 1} before it" if place > 1 else ""
