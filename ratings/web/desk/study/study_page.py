"""The desk's page on one study while it runs: how it goes, pausing it, and what it still needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study, StudyHold
from ratings.comparisons.study import pausing, stages
from ratings.psychometrics.design.projection import Neighbours, Projection
from ratings.psychometrics.rounding import per_cent
from ratings.ranking.boards.human_board import HumanBoard, human_board
from ratings.ranking.fits.remaining_judgments import study_outlook
from ratings.web.desk.home import study_progress
from ratings.web.desk.home.desk_home import desk_studies, unfilled_links
from ratings.web.desk.parts.desk_charts import bars_per_hour, meter
from ratings.web.desk.parts.guards import desk_page
from ratings.web.desk.study.coverage import coverage
from ratings.web.desk.study.stage_lines import stage_lines
from ratings.web.parts.base_context import rate_url
from ratings.web.parts.drawing.charts import Svg
from ratings.web.parts.human_boards import human_context
from ratings.web.parts.words.formatting import NOTHING, Moment, decimal, moment, span

HOLDS_SHOWN = 5
HOLDS = {
    "pause": pausing.pause,
    "resume": pausing.resume,
    "close": pausing.close,
    "reopen": pausing.reopen,
}
STAGES = {"go-over": stages.go_over, "go-back": stages.go_back}


@dataclass(frozen=True)
class NeighboursLine:
    """Two neighbours of the ranking and how far they are from being told apart."""

    names: str
    difference: str
    error: str
    more: str
    mark: Svg


@dataclass(frozen=True)
class HoldLine:
    """One pause, or closing: when and by whom it was begun, and ended."""

    what: str
    begun: Moment
    begun_by: str
    ended: Moment | None
    ended_by: str


@desk_page
@require_safe
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one study: judgments an hour, what it still needs, coverage, ranking, raters."""
    return _page(request, get_object_or_404(desk_studies(), slug=slug))


@desk_page
@require_POST
def change_stage(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Go over from a study's pilot to its main stage, or back, on record."""
    study_row = get_object_or_404(desk_studies(), slug=slug)
    try:
        STAGES[what](study_row, request.user.get_username(), timezone.now())
    except Refused as refused:
        return _page(request, study_row, refused.problems)
    return redirect("web:desk-study", slug)


def _page(request: HttpRequest, study_row: Study, problems: Sequence[str] = ()) -> HttpResponse:
    now, human = timezone.now(), human_board(study_row)
    per_hour = study_progress.judgments_per_hour(study_row, now)
    page = {
        "stages": stage_lines(study_row, now),
        "problems": problems,
        "progress": study_progress.progress_of_study(study_row),
        "raters": study_progress.latest_raters(study_row),
        "rater_count": study_row.raters.filter(stage=study_row.stage).count(),
        "shares": study_progress.shares_of_raters(study_row),
        "per_hour": bars_per_hour(per_hour),
        "recent": sum(judgments for _, judgments in per_hour),
        "hours": study_progress.HOURS,
        "coverage": coverage(study_row),
        "unfilled": [link.words for link in unfilled_links([study_row], now).get(study_row.pk, ())],
        "raters_url": request.build_absolute_uri(rate_url(study_row)),
        "holds": [
            _hold_line(hold, study_row) for hold in study_row.holds.order_by("-pk")[:HOLDS_SHOWN]
        ],
        "paused": study_row.paused_at and span(now - study_row.paused_at),
    }
    context = human_context(human) | outlook_context(human, study_outlook(study_row), per_hour)
    status = 409 if problems else 200
    return render(request, "desk/study.html", page | context, status=status)


@desk_page
@require_POST
def change_hold(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """Pause a study, resume it, close it, or open it again."""
    study = get_object_or_404(desk_studies(), slug=slug)
    if isinstance(request.user, User):
        HOLDS[what](study, request.user, timezone.now())
    return redirect("web:desk-study", slug)


def outlook_context(
    human: HumanBoard, outlook: Projection | None, per_hour: list[tuple[datetime, int]]
) -> dict[str, Any]:
    """Return what is said of the judgments still needed, and how long they take at this rate."""
    if outlook is None or not outlook.neighbours:
        return {"neighbours": [], "apart": NOTHING, "more": "", "takes": "", "floor": None}
    day = sum(judgments for _, judgments in per_hour[-24:])
    hours = outlook.more * 24 / day if day else 0
    told = sum(neighbours.more == 0 for neighbours in outlook.neighbours)
    return {
        "neighbours": [_neighbours_line(neighbours, human) for neighbours in outlook.neighbours],
        "apart": f"{told} of {len(outlook.neighbours)}",
        "more": _all_more(outlook),
        "takes": f"{span(timedelta(hours=hours))} at the rate of the last 24 h" if hours else "",
        "floor": None if outlook.floor is None else f"{per_cent(outlook.floor)}%",
    }


def about(number: int) -> str:
    """Return a number with two digits: a look ahead knows no more."""
    return f"{float(f'{number:.2g}'):,.0f}"


def _all_more(outlook: Projection) -> str:
    """Say what all neighbours need that are not told apart."""
    counts = {
        "practically equal": outlook.equal,
        "only with more raters": outlook.lack("raters"),
        "only with more pictures": outlook.lack("pictures"),
    }
    never = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
    if not outlook.more:
        return never or "all of them"
    number = f"after about {about(outlook.more)} more judgments"
    return f"{never}, the others {number}" if never else f"all {number}"


def _more(neighbours: Neighbours) -> str:
    if neighbours.lacking:
        return f"only with more {neighbours.lacking}"
    if neighbours.more is None:
        return "practically equal"
    return f"{about(neighbours.more)} more" if neighbours.more else "told apart"


def _neighbours_line(neighbours: Neighbours, human: HumanBoard) -> NeighboursLine:
    methods = {row.label: row.method for row in human.rows}
    places = human.scale.page_decimals
    judged = human.judgments
    return NeighboursLine(
        names=f"{methods[neighbours.first]} \N{EN DASH} {methods[neighbours.second]}",
        difference=decimal(human.scale.length(neighbours.difference), places),
        error=decimal(human.scale.length(neighbours.error), places),
        more=_more(neighbours),
        mark=meter(0.0 if neighbours.more is None else judged / (judged + neighbours.more)),
    )


def _hold_line(hold: StudyHold, of: Study) -> HoldLine:
    zone = of.phase.zone
    return HoldLine(
        what=hold.get_kind_display(),
        begun=moment(hold.begun_at, zone),
        begun_by=hold.begun_by.get_username() if hold.begun_by else "a former organizer",
        ended=moment(hold.ended_at, zone) if hold.ended_at else None,
        ended_by=hold.ended_by.get_username() if hold.ended_by else "a former organizer",
    )
