"""A team's page about one of its submissions: filled, followed, looked at, withdrawn, deleted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ratings.challenge.access.visibility import boards_live
from ratings.challenge.refusals import Refused
from ratings.fidelity.psnr_board import board_submissions
from ratings.jobs.submission_actions import withdraw
from ratings.submissions.intake.ingest import delete_open, files_of, require_changeable
from ratings.submissions.models import Submission
from ratings.submissions.picked_environments import has_choice
from ratings.submissions.rulings.exclusion import may_withdraw
from ratings.web.parts.base_context import challenge_frame, visible_challenge
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import moment
from ratings.web.parts.words.run_descriptions import run_lines
from ratings.web.team.own_lines import own_lines, own_submissions
from ratings.web.team.own_pictures import picture_table
from ratings.web.team.quota_lines import quota_line
from ratings.web.team.sending import Sending
from ratings.web.team.team_sign_in import signed_in_actor
from ratings.web.team.verdicts import is_under_way, verdict

# Seconds after which the page looks again: a decoder's log grows, all else seldom changes.
UNDER_WAY_SECONDS, SETTLED_SECONDS = 2, 30


@never_cache
@require_safe
def own_submission(request: HttpRequest, slug: str, submission_id: UUID) -> HttpResponse:
    """Show a signed-in team one of its submissions, and what its decoder does while it runs."""
    return _with_own(request, slug, submission_id, lambda asked, found, _: _own_page(asked, found))


@never_cache
@require_POST
def withdraw_submission(request: HttpRequest, slug: str, submission_id: UUID) -> HttpResponse:
    """Take one of a signed-in team's submissions out of the competition."""

    def leave(request: HttpRequest, found: Submission, by: str) -> HttpResponse:
        withdraw(found.pk, now_of(request), note=request.POST.get("note", ""), by=by)
        return redirect("web:own-submission", slug, submission_id)

    return _with_own(request, slug, submission_id, leave)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete_own(request: HttpRequest, slug: str, submission_id: UUID) -> HttpResponse:
    """Delete a signed-in team's open submission with its files; ask first."""

    def delete(request: HttpRequest, found: Submission, by: str) -> HttpResponse:
        if request.method != "POST":
            return _asked_to_delete(request, found)
        delete_open(found.pk, now_of(request), by=by)
        return redirect("web:submit", slug)

    return _with_own(request, slug, submission_id, delete)


def _with_own(
    request: HttpRequest,
    slug: str,
    submission_id: UUID,
    answer: Callable[[HttpRequest, Submission, str], HttpResponse],
) -> HttpResponse:
    """Answer for a signed-in team's own submission; show it with what is refused of it.

    `answer` also gets how acts of whoever is signed in are signed.
    """
    challenge = visible_challenge(request, slug)
    actor = signed_in_actor(request, challenge)
    if actor is None:
        return redirect("web:team-sign-in", slug)
    related = actor.team.submissions.select_related(
        "phase__challenge", "phase__decoders_from", "team"
    )
    found = get_object_or_404(related, pk=submission_id)
    try:
        return answer(request, found, actor.signature)
    except Refused as refused:
        return _own_page(request, found, refused.problems)


def _asked_to_delete(request: HttpRequest, found: Submission) -> HttpResponse:
    """Ask whether an open submission is to go; a closed one's page says what becomes of it."""
    if found.state != Submission.State.OPEN:
        return redirect("web:own-submission", found.phase.challenge.slug, found.pk)
    page = {"submission": found, "phase": found.phase, "files": files_of(found)}
    frame = challenge_frame(request, found.phase.challenge, now_of(request), "Submit")
    return render(request, "delete_own_submission.html", frame | page)


def _own_page(
    request: HttpRequest, found: Submission, problems: list[str] | None = None
) -> HttpResponse:
    phase, now = found.phase, now_of(request)
    own = own_submissions(phase, found.team).filter(pk=found.pk)
    (line,) = own_lines(phase, list(own), now)
    too_late = _too_late(found, now)
    takes_files = found.state == Submission.State.OPEN and not too_late
    page = {
        "line": line,
        "submission": found,
        "phase": phase,
        "environment": found.environment if has_choice(phase) else "",
        "verdict": verdict(found, line.scores),
        "entry_url": _entry_url(found) if boards_live(phase, now) else "",
        "every_seconds": UNDER_WAY_SECONDS if is_under_way(found) else SETTLED_SECONDS,
        "pictures": picture_table(found, now, request.GET.get("sort", "")) if line.scores else None,
        "runs": run_lines(found, phase.zone, now),
        "quota": quota_line(phase, found.team, now),
        "sending": Sending(found, request) if takes_files else None,
        "too_late": too_late,
        "may_withdraw": may_withdraw(found),
        "freed": moment(found.freed_at, phase.zone) if found.freed_at else None,
        "refused": problems or [],
    }
    context = challenge_frame(request, phase.challenge, now, "Submit") | page
    return render(request, "own_submission.html", context, status=422 if problems else 200)


def _too_late(found: Submission, now: datetime) -> list[str]:
    """Say why an open submission takes no files any more; nothing where it does."""
    try:
        require_changeable(found, now)
    except Refused as refused:
        return refused.problems if found.state == Submission.State.OPEN else []
    return []


def _entry_url(found: Submission) -> str:
    """Return the address of the public page of what is on the boards, "" where it isn't."""
    if found not in board_submissions(found.phase):
        return ""
    return reverse("web:entry", args=[found.phase.challenge.slug, found.phase.slug, found.pk])
