"""The desk's page on one study while it runs: how it goes, pausing it, and what it still needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.comparisons import pausing
from ratings.comparisons.models import Pause, Study
from ratings.psychometrics.outlook import Neighbours, Outlook
from ratings.ranking.board import HumanBoard, human_board
from ratings.ranking.outlook import study_outlook
from ratings.web import charts, progress
from ratings.web.boards import human_context
from ratings.web.coverage import coverage
from ratings.web.desk import desk_studies, organizers_only
from ratings.web.words import NOTHING, Moment, decimal, moment, span

PAUSES_SHOWN = 5
HOLDS = {
    "pause": pausing.pause,
    "resume": pausing.resume,
    "close": pausing.close,
    "reopen": pausing.reopen,
}


@dataclass(frozen=True)
class NeighboursLine:
    """Two neighbours of the ranking and how far they are from being told apart."""

    names: str
    difference: str
    error: str
    more: str
    mark: charts.Svg


@dataclass(frozen=True)
class PauseLine:
    """One pause, or closing: when and by whom it was begun, and ended."""

    what: str
    begun: Moment
    begun_by: str
    ended: Moment | None
    ended_by: str


@organizers_only
@require_safe
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one study: judgments an hour, what it still needs, coverage, ranking, raters."""
    found = get_object_or_404(desk_studies(), slug=slug)
    now, human = timezone.now(), human_board(found)
    per_hour = progress.judgments_per_hour(found, now)
    page = {
        "progress": progress.progress(found),
        "raters": progress.raters(found),
        "rater_count": found.raters.count(),
        "per_hour": charts.bars_per_hour(per_hour),
        "recent": sum(judgments for _, judgments in per_hour),
        "hours": progress.HOURS,
        "coverage": coverage(found),
        "pauses": [_pause_line(one, found) for one in found.pauses.order_by("-pk")[:PAUSES_SHOWN]],
        "paused": found.paused_at and span(now - found.paused_at),
    }
    context = human_context(human) | outlook_context(human, study_outlook(found), per_hour)
    return render(request, "desk/study.html", page | context)


@organizers_only
@require_POST
def hold(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Pause a study, resume it, close it, or open it again."""
    found = get_object_or_404(desk_studies(), slug=slug)
    if isinstance(request.user, User):
        HOLDS[what](found, request.user, timezone.now())
    return redirect("web:desk-study", slug)


def outlook_context(
    human: HumanBoard, found: Outlook | None, per_hour: list[tuple[datetime, int]]
) -> dict[str, Any]:
    """Return what is said of the judgments still needed, and how long they take at this rate."""
    if found is None or not found.neighbours:
        return {"neighbours": [], "apart": NOTHING, "more": "", "takes": "", "floor": None}
    day = sum(judgments for _, judgments in per_hour[-24:])
    # A look ahead over more than a thousand years is none.
    hours = min(1e7, found.more * 24 / day) if found.more and day else 0
    told = sum(one.more == 0 for one in found.neighbours)
    return {
        "neighbours": [_neighbours_line(one, human) for one in found.neighbours],
        "apart": f"{told} of {len(found.neighbours)}",
        "more": _all_more(found.more),
        "takes": f"{span(timedelta(hours=hours))} at the rate of the last 24 h" if hours else "",
        "floor": None if found.floor is None else f"{found.floor:.0%}",
    }


def about(number: int) -> str:
    """Return a number with two digits: a look ahead knows no more."""
    return f"{float(f'{number:.2g}'):,.0f}"


def _all_more(more: int | None) -> str:
    if more is None:
        return "some never, by these raters on these pictures"
    return f"all after about {about(more)} more judgments" if more else "all of them"


def _more(more: int | None) -> str:
    if more is None:
        return "out of reach"
    return f"{about(more)} more" if more else "told apart"


def _neighbours_line(one: Neighbours, human: HumanBoard) -> NeighboursLine:
    methods = {row.label: row.method for row in human.rows}
    places = human.scale.page_decimals
    judged = human.judgments
    return NeighboursLine(
        names=f"{methods[one.first]} \N{EN DASH} {methods[one.second]}",
        difference=decimal(human.scale.length(one.difference), places),
        error=decimal(human.scale.length(one.error), places),
        more=_more(one.more),
        mark=charts.meter(0.0 if one.more is None else judged / (judged + one.more)),
    )


def _pause_line(one: Pause, of: Study) -> PauseLine:
    zone = of.phase.zone
    return PauseLine(
        what="Closed" if one.closes else "Paused",
        begun=moment(one.begun_at, zone),
        begun_by=one.begun_by.get_username() if one.begun_by else "a former organizer",
        ended=moment(one.ended_at, zone) if one.ended_at else None,
        ended_by=one.ended_by.get_username() if one.ended_by else "a former organizer",
    )
