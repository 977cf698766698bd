"""The desk's page about one submission: its decoder's runs, and whether it competes."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.refusals import Refused
from ratings.fidelity.scores import submission_scores
from ratings.jobs import submission_actions
from ratings.submissions.intake.closing import progress_of_submission, queue_position
from ratings.submissions.intake.ingest import files_of
from ratings.submissions.models import Run, Submission
from ratings.submissions.rulings.exclusion import may_withdraw
from ratings.submissions.runs import reruns
from ratings.submissions.submission_audit import audit_entries_about
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.words.formatting import decimal, grouped, moment
from ratings.web.parts.words.run_descriptions import run_lines

ACTS: dict[str, Callable[..., object]] = {
    "stop": submission_actions.stop,
    "run": submission_actions.run_again,
    "disqualify": submission_actions.disqualify,
    "withdraw": submission_actions.withdraw,
    "readmit": submission_actions.readmit,
}


@desk_page
@require_safe
def submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Show where the submission stands, each run of its decoder, and what may be done."""
    return _page(request, _submission(submission_id))


@desk_page
@require_POST
def act_on_submission(request: HttpRequest, submission_id: UUID, what: str) -> HttpResponse:
    """Do one thing about the submission, with a note on record; say what stands against it."""
    submission = _submission(submission_id)
    if what not in ACTS:
        raise Http404
    by, note = request.user.get_username(), request.POST.get("note", "")
    try:
        ACTS[what](submission.pk, timezone.now(), note=note, by=by)
    except Refused as refused:
        return _page(request, _submission(submission_id), refused.problems)
    return redirect("web:desk-submission", submission_id)


@desk_page
@require_safe
def log(request: HttpRequest, submission_id: UUID, run_id: int) -> HttpResponse:
    """Send all that a run printed, as plain text whatever it holds."""
    run = get_object_or_404(Run, pk=run_id, submission=submission_id)
    return HttpResponse(run.log, content_type="text/plain; charset=utf-8")


def _submission(submission_id: UUID) -> Submission:
    rows = Submission.objects.select_related("phase__challenge", "team", "decoder")
    return get_object_or_404(rows, pk=submission_id)


def _page(
    request: HttpRequest, submission: Submission, problems: list[str] | None = None
) -> HttpResponse:
    now, zone = timezone.now(), submission.phase.zone
    own = next(submission_scores(Submission.objects.filter(pk=submission.pk)), None)
    is_open = submission.state == Submission.State.OPEN
    arrived = progress_of_submission(submission)
    instants = (
        ("Begun", submission.created_at, submission.begun_by),
        ("Submitted", submission.submitted_at, submission.submitted_by),
        ("Ended", submission.finished_at, ""),
        ("Files deleted", submission.freed_at, ""),
    )
    page = {
        "submission": submission,
        "challenge": submission.phase.challenge,
        "team": submission.team,
        "place": queue_position(submission),
        "times": [(name, moment(at, zone), by) for name, at, by in instants if at],
        "against": arrived.problems if is_open else submission.problems,
        "size_bytes": grouped(arrived.size_bytes),
        "size_is_stated": submission.stated_bytes is not None and not arrived.bitstreams,
        "byte_budget": arrived.byte_budget and grouped(arrived.byte_budget),
        "psnr_db": decimal(own.psnr_db if own else None, 2),
        "bpp": decimal(own.bpp if own else None, 4),
        "files": len(files_of(submission)),
        "decoder": getattr(submission, "decoder", None),
        "runs": run_lines(submission, zone, now),
        "may_stop": reruns.may_stop(submission),
        "against_running": reruns.against_running_again(submission),
        "scores_alone": reruns.waits_for_scores_alone(submission),
        "may_withdraw": may_withdraw(submission),
        "audit_entries": audit_entries_about(submission),
        "problems": problems or [],
        "note": request.POST.get("note", ""),
    }
    return render(request, "desk/submission.html", page, status=422 if problems else 200)
