"""How to take part: the kit, the calls, and for a signed-in team what became of its submissions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.limits import decoder_limits
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.visibility import originals_open, own_scores_open
from ratings.fidelity.scores import scores
from ratings.sandbox.limits import size_words
from ratings.submissions.closing import progress, queue_position
from ratings.submissions.eligibility import Standing, standing
from ratings.submissions.factsheets import LARGEST_BYTES, put_factsheet
from ratings.submissions.models import Factsheet, Submission
from ratings.submissions.quota import Quota, team_quota
from ratings.web.frame import challenge_frame, is_organizer
from ratings.web.kit import installed_kit
from ratings.web.public import PhaseLine, phase_line
from ratings.web.runs import RunGlance, glance, run_lines, with_runs
from ratings.web.team import signed_in_team
from ratings.web.words import Moment, decimal, grouped, moment, size

SUBMISSIONS_SHOWN = 50


@dataclass(frozen=True)
class Rules:
    """A phase's rules in words."""

    line: PhaseLine
    budget: str
    quota: str
    decoder: str
    limits: str


@dataclass(frozen=True)
class SubmissionLine:
    """One submission of the team: where it stands and all that stands against it."""

    submission: Submission
    begun: Moment
    where: str
    problems: list[str]
    psnr_db: str
    bpp: str
    run: RunGlance | None


@dataclass(frozen=True)
class PhaseStanding:
    """How the team stands in one phase."""

    phase: Phase
    quota: Quota
    next_at: Moment | None
    standing: Standing
    factsheet: Factsheet | None
    factsheet_due: Moment | None
    factsheet_open: bool
    submissions: list[SubmissionLine]


@never_cache
@require_safe
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain how to send a submission; show a signed-in team all of its own."""
    return _page(request, get_object_or_404(Challenge, slug=slug))


@never_cache
@require_safe
def own_submission(request: HttpRequest, slug: str, submission_id: UUID) -> HttpResponse:
    """Show a signed-in team one of its submissions, and what its decoder does while it runs."""
    challenge = get_object_or_404(Challenge, slug=slug)
    team, now = signed_in_team(request, challenge), timezone.now()
    if team is None:
        return redirect("web:team-sign-in", slug)
    rows = team.submissions.filter(pk=submission_id)
    found = get_object_or_404(rows.select_related("phase"))
    (line,) = _submissions(found.phase, rows, now)
    page = {
        "line": line,
        "submission": found,
        "phase": found.phase,
        "runs": run_lines(found, found.phase.zone, now),
    }
    return render(request, "own_submission.html", challenge_frame(request, challenge, now) | page)


@never_cache
@require_POST
def send_factsheet(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Take a signed-in team's factsheet; show the page again with what is wrong with it."""
    challenge = get_object_or_404(Challenge, slug=slug)
    phase = get_object_or_404(challenge.phases, slug=phase_slug)
    team, file = signed_in_team(request, challenge), request.FILES.get("factsheet")
    if team is None:
        return redirect("web:team-sign-in", slug)
    try:
        if file is None:
            raise Refused("factsheet", "Choose a PDF first.")
        put_factsheet(phase, team, file.chunks(), timezone.now())
    except Refused as refused:
        return _page(request, challenge, refused.problems)
    return redirect("web:submit", slug)


def _page(
    request: HttpRequest, found: Challenge, problems: list[str] | None = None
) -> HttpResponse:
    now = timezone.now()
    phases = list(found.phases.select_related("challenge", "decoders_from"))
    running = [phase for phase in phases if phase_state(phase, now) == "open"]
    phase = next(iter(running or phases), None)
    pictures = list(phase.originals()) if phase and _may_name(request, phase, now) else []
    team = signed_in_team(request, found)
    page: dict[str, Any] = {
        "rules": [_rules(one, now) for one in phases],
        "phase": phase,
        "site": request.build_absolute_uri("/").rstrip("/"),
        "api": request.build_absolute_uri("/api/v1"),
        "kit_size": size(len(installed_kit())),
        "pictures": pictures,
        "example": pictures[0] if pictures else None,
        "team": team,
        "standings": [_standing(one, team, now) for one in reversed(phases)] if team else [],
        "problems": problems or [],
        "largest_factsheet": size(LARGEST_BYTES),
    }
    context = challenge_frame(request, found, now, "Submit") | page
    return render(request, "submit.html", context, status=422 if problems else 200)


def _rules(phase: Phase, now: datetime) -> Rules:
    limits = [
        f"{limit} {words}"
        for limit, words in (
            (phase.submissions_per_day, "in 24 hours"),
            (phase.submissions_in_all, "in all"),
        )
        if limit
    ]
    decoder = phase.get_decoder_rule_display()
    if phase.decoders_from:
        decoder = f"one that you submitted to {phase.decoders_from.name}"
    return Rules(
        phase_line(phase, now),
        grouped(phase.byte_budget),
        ", ".join(limits) or "any number",
        decoder,
        _limits(phase),
    )


def _limits(phase: Phase) -> str:
    limits = decoder_limits(phase.decoder_limits)
    return f"{grouped(int(limits.cpu_seconds))} s, {size_words(limits.memory_bytes)}"


def _standing(phase: Phase, team: Team, now: datetime) -> PhaseStanding:
    quota = team_quota(phase, team, now)
    factsheet = phase.factsheets.filter(team=team).first()
    waits = quota.next_at and not quota.allows(now)
    due = phase.factsheet_closes_at
    return PhaseStanding(
        phase=phase,
        quota=quota,
        next_at=moment(quota.next_at, phase.zone) if quota.next_at and waits else None,
        standing=standing(team, phase, now, has_factsheet=factsheet is not None),
        factsheet=factsheet,
        factsheet_due=moment(announced_deadline(due), phase.zone) if due else None,
        factsheet_open=due is not None and now < due,
        submissions=_submissions(phase, team.submissions.filter(phase=phase), now),
    )


def _submissions(phase: Phase, rows: QuerySet[Submission], now: datetime) -> list[SubmissionLine]:
    found = {}
    if own_scores_open(phase, now):
        found = {one.submission.pk: one for one in scores(rows)}
    lines = []
    related = with_runs(rows.select_related("phase", "team"))
    for row in related.order_by("-created_at")[:SUBMISSIONS_SHOWN]:
        own, is_open = found.get(row.pk), row.state == Submission.State.OPEN
        lines.append(
            SubmissionLine(
                submission=row,
                begun=moment(row.created_at, phase.zone),
                where=_where(row),
                problems=progress(row).problems if is_open else row.problems,
                psnr_db=decimal(own.psnr_db if own else None, 2),
                bpp=decimal(own.bpp if own else None, 4),
                run=glance(row.runs.all()),
            )
        )
    return lines


def _where(submission: Submission) -> str:
    before = (queue_position(submission) or 1) - 1
    return f"{before} before it" if before else ""


def _may_name(request: HttpRequest, phase: Phase, now: datetime) -> bool:
    return is_organizer(request) or originals_open(phase, now)
