"""The desk's page about one phase: what is released, what waits, what was submitted."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ratings.challenge.keys.retention import retention
from ratings.challenge.models import Phase
from ratings.submissions.intake.closing import queue_positions
from ratings.submissions.models import Run, Submission
from ratings.submissions.retention.stored_bytes import Held, held_by_teams, most_open_bytes
from ratings.viewing.prepared_share import PreparedCount, count_prepared, held_bytes, most_bytes
from ratings.web.desk.definition.release_switches import releases
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.paging import page_of
from ratings.web.parts.words.formatting import Moment, moment
from ratings.web.parts.words.phase_lines import phase_line
from ratings.web.parts.words.run_descriptions import doing, listed, submission_lines, with_runs


@dataclass(frozen=True)
class QueueLine:
    """What waits or runs: its place among all of the site's, and what is being done."""

    submission: Submission
    place: int | None
    since: Moment
    doing: str
    why: str


@dataclass(frozen=True)
class Disk:
    """The bytes that teams hold in the phase, and for how many days the files of which stay."""

    held: list[Held]
    size_bytes: int
    most_open_bytes: int
    days: dict[str, int]


@dataclass(frozen=True)
class ViewerDisk:
    """What is prepared of the phase for the viewer; the site's bytes for it, and the most."""

    here: PreparedCount
    held_bytes: int
    most_bytes: int | None


@desk_page
@require_safe
def phase(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the phase's releases, its queue and its submissions."""
    phases = Phase.objects.select_related("challenge")
    phase_row = get_object_or_404(phases, challenge__slug=slug, slug=phase_slug)
    now, waiting = timezone.now(), list(_waiting(phase_row))
    places, sent = queue_positions(waiting), page_of(request, listed(phase_row.submissions.all()))
    page = {
        "challenge": phase_row.challenge,
        "phase": phase_row,
        "line": phase_line(phase_row, now),
        "releases": releases(phase_row, now),
        "queue": [
            _queue_line(each, each.sent, each.scored, places.get(each.pk), now)  # type: ignore[attr-defined]
            for each in waiting
        ],
        "page": sent,
        "submissions": submission_lines(sent.rows),
        "disk": _disk(phase_row),
        "viewer": ViewerDisk(count_prepared(phase_row, now), held_bytes(), most_bytes()),
    }
    return render(request, "desk/phase.html", page)


def _disk(phase: Phase) -> Disk:
    held = held_by_teams(phase)
    given = phase.challenge.retention
    days = {key: retention(given, f"{key}_days").days for key in ("open", "failed", "superseded")}
    return Disk(held, sum(team.size_bytes for team in held), most_open_bytes(phase), days)


def _waiting(phase: Phase) -> QuerySet[Submission]:
    """Return what is not done, the oldest first: scored ones too, whose decoders run again."""
    here = Q(state=Submission.State.QUEUED) | Q(runs__state__in=Run.CURRENT)
    rows = phase.submissions.filter(here).order_by("submitted_at")
    rows = rows.annotate(
        sent=Count("decoded_images", distinct=True),
        scored=Count("decoded_images__distortion", distinct=True),
    )
    return with_runs(rows.select_related("team", "phase"))


def _queue_line(
    submission: Submission, sent: int, scored: int, place: int | None, now: datetime
) -> QueueLine:
    run = next((run for run in submission.runs.all() if run.state in Run.CURRENT), None)
    since = run.queued_at if run else submission.submitted_at or submission.created_at
    if run:
        words = f"decoder {doing(run, now)}" + (", to compare" if run.compares else "")
    else:
        words = f"{scored} of {sent} pictures scored"
    why = run.fault if run else ""
    return QueueLine(submission, place, moment(since, submission.phase.zone), words, why)
