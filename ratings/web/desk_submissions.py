"""The desk's page about one submission: its decoder's runs, stopping them and running again."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.refusals import Refused
from ratings.fidelity.scores import scores
from ratings.jobs.tasks import run_again
from ratings.submissions import running
from ratings.submissions.closing import progress, queue_position
from ratings.submissions.ingest import files_of
from ratings.submissions.models import Run, Submission
from ratings.web.desk import organizers_only
from ratings.web.runs import run_lines
from ratings.web.words import decimal, grouped, moment

ACTS: dict[str, Callable[..., object]] = {"stop": running.stop, "run": run_again}


@organizers_only
@require_safe
def submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Show where the submission stands, each run of its decoder, and what may be done."""
    return _page(request, _submission(submission_id))


@organizers_only
@require_POST
def act(request: HttpRequest, submission_id: UUID, what: str) -> HttpResponse:
    """Stop the decoder or run it again, with a note on record; say what stands against it."""
    found = _submission(submission_id)
    if what not in ACTS:
        raise Http404
    by, note = request.user.get_username(), request.POST.get("note", "")
    try:
        ACTS[what](found.pk, timezone.now(), note=note, by=by)
    except Refused as refused:
        return _page(request, _submission(submission_id), refused.problems)
    return redirect("web:desk-submission", submission_id)


@organizers_only
@require_safe
def log(request: HttpRequest, submission_id: UUID, run_id: int) -> HttpResponse:
    """Send all that a run printed, as plain text whatever it holds."""
    run = get_object_or_404(Run, pk=run_id, submission=submission_id)
    return HttpResponse(run.log, content_type="text/plain; charset=utf-8")


def _submission(submission_id: UUID) -> Submission:
    rows = Submission.objects.select_related("phase__challenge", "team", "decoder")
    return get_object_or_404(rows, pk=submission_id)


def _page(
    request: HttpRequest, found: Submission, problems: list[str] | None = None
) -> HttpResponse:
    now, zone = timezone.now(), found.phase.zone
    own = next(scores(Submission.objects.filter(pk=found.pk)), None)
    is_open = found.state == Submission.State.OPEN
    arrived = progress(found)
    instants = {"Begun": found.created_at, "Submitted": found.submitted_at}
    instants["Ended"] = found.finished_at
    page = {
        "submission": found,
        "challenge": found.phase.challenge,
        "team": found.team,
        "place": queue_position(found),
        "times": [(name, moment(at, zone)) for name, at in instants.items() if at],
        "against": arrived.problems if is_open else found.problems,
        "size_bytes": grouped(arrived.size_bytes),
        "byte_budget": arrived.byte_budget and grouped(arrived.byte_budget),
        "psnr_db": decimal(own.psnr_db if own else None, 2),
        "bpp": decimal(own.bpp if own else None, 4),
        "files": len(files_of(found)),
        "decoder": getattr(found, "decoder", None),
        "runs": run_lines(found, zone, now),
        "may_stop": running.may_stop(found),
        "against_running": running.against_running_again(found),
        "scores_alone": running.waits_for_scores_alone(found),
        "acts": found.phase.challenge.acts.filter(subject__endswith=f"({found.pk})"),
        "problems": problems or [],
        "note": request.POST.get("note", ""),
    }
    return render(request, "desk/submission.html", page, status=422 if problems else 200)
