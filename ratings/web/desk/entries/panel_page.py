"""The panel's sheet at the desk: what is weighed, votes, and awards."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.access.permissions import Permission, may_there
from ratings.challenge.access.visibility import boards_open
from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.ranking.tables.panel_sheet import award, newest_votes, sheet, vote, withdraw_award
from ratings.web.desk.parts.guards import panel_page
from ratings.web.parts.board_rows import KIND_TAGS, left_lines
from ratings.web.parts.words.formatting import (
    NOTHING,
    decimal,
    file_size,
    grouped,
    limit,
    moment,
    rank_range,
)

ACTS = ("vote", "award", "withdraw")


@panel_page
@require_safe
def panel(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show both boards beside run time, memory, sizes and eligibility, and what was decided."""
    return _page(request, _phase(slug, phase_slug))


@panel_page
@require_POST
def act_on_panel(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Keep a vote or an award, or take an award back; say what stands against it."""
    phase = _phase(slug, phase_slug)
    try:
        _do(request, phase)
    except Refused as refused:
        return _page(request, phase, refused.problems)
    return redirect("web:desk-panel", slug, phase_slug)


def _do(request: HttpRequest, phase: Phase) -> None:
    fields, by, now = request.POST, request.user.get_username(), timezone.now()
    what, chosen = fields.get("act", ""), fields.get("submission", "")
    if what == "vote":
        vote(phase, chosen, by, fields.get("remarks", ""), now)
    elif not may_there(request.user, Permission.CHANGE, request.resolver_match):
        raise PermissionDenied  # members of the panel vote, organizers decide
    elif what == "award":
        award(phase, chosen, fields.get("title", ""), fields.get("statement", ""), by, now)
    elif what == "withdraw" and fields.get("award", "").isdecimal():
        withdraw_award(int(fields["award"][:18]), phase, by, now)
    else:
        raise Refused("panel", f"Choose what to do: {', '.join(ACTS)}.")


def _phase(slug: str, phase_slug: str) -> Phase:
    phases = Phase.objects.select_related("challenge")
    return get_object_or_404(phases, challenge__slug=slug, slug=phase_slug)


def _page(request: HttpRequest, phase: Phase, problems: list[str] | None = None) -> HttpResponse:
    now = timezone.now()
    shown = sheet(phase, now)
    counting = newest_votes(shown.votes)
    own = [vote for vote in counting if vote.member == request.user.get_username()]
    page = {
        "challenge": phase.challenge,
        "phase": phase,
        "released": boards_open(phase, now),
        "opens": phase.boards_open_at and moment(phase.boards_open_at, phase.zone),
        "rows": [_line(row) for row in shown.rows],
        "eligible": [row for row in shown.rows if row["kind"] == "competing"],
        "left": left_lines(phase, shown.left),
        "own": own[0] if own else None,
        "may_vote": may_there(request.user, Permission.VOTE, request.resolver_match),
        "may_read": may_there(request.user, Permission.READ, request.resolver_match),
        "votes": [(vote, vote in counting) for vote in reversed(shown.votes)],
        "awards": shown.awards,
        "problems": problems or [],
    }
    return render(request, "desk/panel.html", page, status=422 if problems else 200)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the sheet as text."""
    seconds, memory = row["decode_seconds"], row["peak_memory_bytes"]
    psnr = row["psnr_db"]
    return row | {
        "tag": KIND_TAGS.get(row["kind"], ""),
        "ranks": rank_range(row["human_rank"], row["rank_low"], row["rank_high"]),
        "score": limit(row["score_at_least"], row["score_at_most"], 2)
        if row["win_rate"] is None
        else decimal(row["score"], 2),
        "psnr_db": decimal(float(psnr), 2),
        "ms_ssim": decimal(row["ms_ssim"], 4),
        "bpp": decimal(row["bpp"], 4),
        "bytes": grouped(row["bytes"]),
        "decode_seconds": NOTHING if seconds is None else decimal(seconds, 1),
        "peak_memory": file_size(memory),
        "decoder_bytes": grouped(row["decoder_bytes"]),
    }
