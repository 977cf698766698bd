"""The desk's page about one phase: what is released, what waits, what was submitted."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ratings.challenge.models import Phase
from ratings.fidelity.models import Distortion
from ratings.submissions.closing import queue_position
from ratings.submissions.models import Run, Submission
from ratings.web.desk import organizers_only
from ratings.web.public import phase_line
from ratings.web.releases import releases
from ratings.web.runs import doing, submission_lines, with_runs
from ratings.web.words import Moment, moment

SUBMISSIONS_SHOWN = 100


@dataclass(frozen=True)
class QueueLine:
    """What waits or runs: its place among all of the site's, and what is being done."""

    submission: Submission
    place: int | None
    since: Moment
    doing: str
    why: str


@organizers_only
@require_safe
def phase(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the phase's releases, its queue and its submissions."""
    phases = Phase.objects.select_related("challenge")
    found = get_object_or_404(phases, challenge__slug=slug, slug=phase_slug)
    now = timezone.now()
    page = {
        "challenge": found.challenge,
        "phase": found,
        "line": phase_line(found, now),
        "releases": releases(found, now),
        "queue": [_queue_line(one, now) for one in _waiting(found)],
        "submissions": submission_lines(found.submissions.all(), SUBMISSIONS_SHOWN),
        "submission_count": found.submissions.count(),
    }
    return render(request, "desk/phase.html", page)


def _waiting(found: Phase) -> QuerySet[Submission]:
    """Return what is not done, the oldest first: scored ones too, whose decoders run again."""
    here = Q(state=Submission.State.QUEUED) | Q(runs__state__in=Run.CURRENT)
    rows = found.submissions.filter(here).distinct().order_by("submitted_at")
    return with_runs(rows.select_related("team", "phase"))


def _queue_line(one: Submission, now: datetime) -> QueueLine:
    run = next((run for run in one.runs.all() if run.state in Run.CURRENT), None)
    since = run.queued_at if run else one.submitted_at or one.created_at
    if run:
        words = f"decoder {doing(run, now)}" + (", to compare" if run.compares else "")
    else:
        scored = Distortion.objects.filter(decoded_image__submission=one).count()
        words = f"{scored} of {one.decoded_images.count()} pictures scored"
    why = run.fault if run else ""
    return QueueLine(one, queue_position(one), moment(since, one.phase.zone), words, why)
