"""The desk's page of a phase's own methods: baselines, and methods whose pictures are decoded."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.codecs.baselines import NAMES
from ratings.jobs.baseline_actions import start_baselines
from ratings.submissions.intake.baseline_entries import require_baselines
from ratings.submissions.intake.baseline_orders import (
    BaselineLine,
    baseline_lines,
    stop_baselines,
)
from ratings.submissions.intake.closing import MIXED_ENDINGS, OVER_BUDGET
from ratings.submissions.models import Submission
from ratings.web.desk.parts.guards import desk_page
from ratings.web.parts.words.formatting import Moment, moment
from ratings.web.parts.words.phase_lines import phase_line


@dataclass(frozen=True)
class OrderLine:
    """What was asked for of one codec, and how far it is in percent."""

    line: BaselineLine
    percent: int
    asked: Moment


@desk_page
@require_safe
def methods(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show which baselines there are and can be had, and the place for decoded pictures."""
    return _page(request, _phase(slug, phase_slug))


@desk_page
@require_POST
def start(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Let the chosen baselines be made, those anew that are entered; say what stands against it."""
    phase, names = _phase(slug, phase_slug), request.POST.getlist("codec")
    try:
        start_baselines(phase, names, request.user.get_username(), timezone.now(), again=True)
    except Refused as refused:
        return _page(request, phase, refused.problems)
    return redirect(f"{reverse('web:desk-methods', args=[slug, phase_slug])}#baselines")


@desk_page
@require_POST
def stop(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Stop a baseline that waits or is being made."""
    phase, names = _phase(slug, phase_slug), request.POST.getlist("codec")
    stop_baselines(phase, names, request.user.get_username(), timezone.now())
    return redirect(f"{reverse('web:desk-methods', args=[slug, phase_slug])}#baselines")


def _phase(slug: str, phase_slug: str) -> Phase:
    phases = Phase.objects.select_related("challenge")
    return get_object_or_404(phases, challenge__slug=slug, slug=phase_slug)


def _page(request: HttpRequest, phase: Phase, problems: list[str] | None = None) -> HttpResponse:
    now, lines = timezone.now(), baseline_lines(phase)
    line = phase_line(phase, now)
    orders = [_order_line(one, phase) for one in lines if one.order]
    page = {
        "challenge": phase.challenge,
        "phase": phase,
        "line": line,
        "lines": lines,
        "against_baselines": _against(phase),
        "datasets": phase.datasets.order_by("slug"),
        "orders": orders,
        # What the command would make; later everybody chooses for themselves.
        "wanted": [] if orders else phase.baselines or NAMES,
        "is_under_way": any(one.is_under_way for one in lines),
        "may_compete": phase.decoder_rule == Phase.DecoderRule.OPTIONAL
        and line.state != "upcoming",
        "facts": _facts(request, phase, line.state),
        "texts": {"over-budget": OVER_BUDGET, "mixed-endings": MIXED_ENDINGS},
        "problems": problems or [],
    }
    return render(request, "desk/methods.html", page, status=422 if problems else 200)


def _against(phase: Phase) -> list[str]:
    try:
        require_baselines(phase)
    except Refused as refused:
        return refused.problems
    return []


def _order_line(line: BaselineLine, phase: Phase) -> OrderLine:
    order = line.order
    assert order
    percent = 100 * order.done // max(order.steps, 1)
    return OrderLine(line, percent, moment(order.asked_at, phase.zone))


def _facts(request: HttpRequest, phase: Phase, state: str) -> dict[str, Any]:
    """Return what the page's module has to know."""
    prints = _prints(phase)
    return {
        "challenge": phase.challenge.slug,
        "phase": phase.slug,
        "state": state,
        "submissions": reverse("api:submissions"),
        "token": get_token(request),
        "pictures": list(phase.originals().values("name", "width", "height")),
        "budget": phase.byte_budget,
        "reserved": NAMES,
        "teams": [
            {
                "name": team.name,
                "kind": team.kind,
                "entered": team.pk in prints,
                "prints": prints.get(team.pk, []),
            }
            for team in Team.objects.filter(challenge=phase.challenge)
        ],
    }


def _prints(phase: Phase) -> dict[int, list[str]]:
    """Return, by team, what tells the files of each entered submission from all others.

    That is the SHA-256 of the files' digests in order, a line each.
    """
    ended = (Submission.State.QUEUED, Submission.State.SCORED)
    submissions = phase.submissions.filter(state__in=ended).only("pk", "team_id")
    found: dict[int, list[str]] = {}
    for submission in submissions.prefetch_related("decoded_images", "bitstreams"):
        decoded = [picture.sha256 for picture in submission.decoded_images.all()]
        bits = [bitstream.sha256 for bitstream in submission.bitstreams.all()]
        digests = "\n".join(sorted([*decoded, *bits]))
        found.setdefault(submission.team_id, []).append(sha256(digests.encode()).hexdigest())
    return found
