"""The page of a series: each method's figures over all rates whose boards are open, as curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.challenge.access.visibility import boards_frozen, boards_live, originals_open
from ratings.challenge.models import Dataset, Phase, Series
from ratings.codecs.bjontegaard import INTERPOLATIONS
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.boards.rate_deltas import rate_deltas, usual_anchor
from ratings.ranking.boards.rate_series import (
    REFERENCE,
    MethodCurve,
    RatePoint,
    SeriesBoard,
    series_board,
    visible_phases,
)
from ratings.ranking.tables.series_files import SERIES_FIGURES, series_drawing
from ratings.web.parts.base_context import challenge_frame, is_organizer, visible_challenge
from ratings.web.parts.board_rows import entry_url
from ratings.web.parts.drawing import charts
from ratings.web.parts.drawing.rate_chart import rate_chart
from ratings.web.parts.error_pages import NotYet
from ratings.web.parts.rate_delta_lines import CURVE_TAGS, delta_lines, reasons
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import Moment, count, decimal, moment
from ratings.web.public.board_history import frozen_url, past_of

TITLES = {"psnr": "PSNR", "ms-ssim": "MS-SSIM", "human": "Human score"}
# Of each figure: decimals on the page.
DECIMALS = {"psnr_db": 2, "ms_ssim_db": 2, "score": 2}
LEGEND = [
    ("competing", "in the competition"),
    ("ineligible", "not eligible for prizes"),
    ("baseline", "baseline, made by the organizers"),
]


@dataclass(frozen=True)
class SeriesCell:
    """A figure at one rate, with its bits per pixel or its interval; a link to the entry."""

    url: str
    value: str
    beside: str


@dataclass(frozen=True)
class SeriesLine:
    """A curve as a row of a table: a cell for each phase, or one of words for a reference."""

    name: str
    team: str
    tag: str
    reason: str
    cells: Sequence[SeriesCell | None]
    words: str = ""


@dataclass(frozen=True)
class SeriesPart:
    """One figure of the page with its table; `name` is its figure's in files."""

    name: str
    title: str
    axis: str
    chart: charts.Svg
    lines: Sequence[SeriesLine]


@dataclass(frozen=True)
class HiddenPhase:
    """A phase whose boards aren't open or are frozen, and until when; organizers may see it."""

    name: str
    frozen: bool
    until: Moment | None
    is_seen: bool


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def series(request: HttpRequest, slug: str, series_slug: str) -> HttpResponse:
    """Show the curves of a series; 404 to everyone but organizers until a phase's boards open."""
    now = now_of(request)
    challenge = visible_challenge(request, slug)
    shown = get_object_or_404(challenge.series, slug=series_slug)
    organizer = is_organizer(request)
    phases = visible_phases(shown, now, organizer=organizer)
    every = list(shown.phases.select_related("challenge").order_by("position"))
    if not phases:
        raise _not_yet(shown, every)
    dataset = _chosen_dataset(request, phases[0])
    board = series_board(shown, phases, now, dataset)
    page = {
        "series": shown,
        "board": board,
        "dataset": dataset,
        "datasets": list(phases[0].datasets.order_by("pk")),
        "hidden": _hidden(every, phases, now),
        **(_kept(board.human, now) if board.human else {}),
        "parts": [_part(board, name) for name in SERIES_FIGURES],
        "legend": [(charts.symbol(kind), text) for kind, text in LEGEND],
        **(compared := _delta_context(request, board)),
        "files": _files(
            board,
            compared["anchor"],
            compared["interpolation"],
            pictures=organizer or any(originals_open(phase, now) for phase in phases),
        ),
    }
    return render(request, "series.html", challenge_frame(request, challenge, now) | page)


def _kept(human: HumanBoard, now: datetime) -> dict[str, Any]:
    """Return where the ranking across the rates is cited and checked."""
    phase, newest = human.study.phase, past_of(human, now).defer("document").last()
    where = reverse("web:check", args=[phase.challenge.slug, phase.slug])
    return {
        "check_url": f"{where}#study-{human.study.slug}",
        "citable": newest and frozen_url(phase, newest.digest),
        "citable_at": newest and moment(newest.computed_at, phase.zone),
    }


def _files(
    board: SeriesBoard, anchor: MethodCurve | None, interpolation: str, *, pictures: bool
) -> dict[str, str]:
    """Return the addresses of the page's downloads, each up to its last parameter.

    `pictures` says whether any may be named.
    """
    of = [board.series.challenge.slug, board.series.slug]
    only = {"dataset": board.dataset.slug} if board.dataset else {}
    asked = {"anchor": anchor.name if anchor else "", "interpolation": interpolation}

    def address(name: str, parameters: dict[str, str]) -> str:
        query = urlencode({**only, **parameters})
        return f"{reverse(f'api:{name}', args=of)}?{query}{'&' if query else ''}"

    return {
        "points": address("series", {}),
        "deltas": address("series-deltas", asked),
        "pictures": address("series-pictures", {}) if pictures else "",
        "results": address("series-results", {}),
    }


def _not_yet(shown: Series, phases: Sequence[Phase]) -> NotYet:
    """Return what a visitor reads before any board opens: the dates are public."""
    dated = [phase for phase in phases if phase.boards_open_at]
    first = min(dated, key=lambda phase: phase.boards_open_at, default=None)  # type: ignore[arg-type,return-value]
    return NotYet(
        f"No board of {shown.name} is open yet",
        "The first opens on" if first else "The organizers have set no date for one to open yet.",
        moment(first.boards_open_at, first.zone) if first and first.boards_open_at else None,
        (reverse("web:challenge", args=[shown.challenge.slug]), f"To {shown.challenge.name}"),
    )


def _hidden(phases: Sequence[Phase], seen: Sequence[Phase], now: datetime) -> list[HiddenPhase]:
    return [
        _waiting(phase, now, is_seen=phase in seen)
        for phase in phases
        if not boards_live(phase, now)
    ]


def _waiting(phase: Phase, now: datetime, *, is_seen: bool) -> HiddenPhase:
    is_frozen = boards_frozen(phase, now) is not None
    until = phase.boards_frozen_until if is_frozen else phase.boards_open_at
    shown = moment(until, phase.zone) if until else None
    return HiddenPhase(phase.name, is_frozen, shown, is_seen)


def _chosen_dataset(request: HttpRequest, phase: Phase) -> Dataset | None:
    """Return the data set that is asked for; all phases of a series have the same ones."""
    slug = request.GET.get("dataset", "")
    return get_object_or_404(phase.datasets, slug=slug) if slug else None


def _part(board: SeriesBoard, name: str) -> SeriesPart:
    axis, figure = SERIES_FIGURES[name]
    lines = [_line(board, curve, figure) for curve in board.curves]
    return SeriesPart(
        name,
        TITLES[name],
        axis,
        rate_chart(series_drawing(board, name)),
        [line for line in lines if line.words or any(line.cells)],
    )


def _line(board: SeriesBoard, curve: MethodCurve, figure: str) -> SeriesLine:
    at = {point.phase: point for point in curve.points}
    return SeriesLine(
        curve.name,
        curve.team,
        CURVE_TAGS.get(curve.kind, ""),
        curve.kind_reason,
        [_cell(phase, at.get(phase.slug), figure) for phase in board.phases],
        _words(curve, figure) if curve.kind == REFERENCE else "",
    )


def _cell(phase: Phase, point: RatePoint | None, figure: str) -> SeriesCell | None:
    value = getattr(point, figure) if point else None
    if point is None or value is None or point.submission_id is None:
        return None
    beside = f"{decimal(point.bpp, 4)} bpp"
    if figure == "score" and point.ci_low is not None:
        beside = f"{decimal(point.ci_low, 2)} to {decimal(point.ci_high, 2)}"
    return SeriesCell(
        entry_url(phase, point.submission_id), decimal(value, DECIMALS[figure]), beside
    )


def _words(curve: MethodCurve, figure: str) -> str:
    """Return what a table says of a reference, whose rates are no phases."""
    points = [point for point in curve.points if getattr(point, figure) is not None]
    if not points:
        return ""
    rates = f"{decimal(points[0].bpp, 4)} to {decimal(points[-1].bpp, 4)} bpp"
    values = [decimal(getattr(point, figure), DECIMALS[figure]) for point in points]
    return f"{count(len(points), 'point')}, {rates}: {values[0]} to {values[-1]} dB"


def _delta_context(request: HttpRequest, board: SeriesBoard) -> dict[str, Any]:
    """Return the table of deltas beside the anchor and with the interpolation asked for."""
    interpolation = request.GET.get("interpolation", next(iter(INTERPOLATIONS)))
    if interpolation not in INTERPOLATIONS:
        raise Http404
    names = [curve.name for curve in board.curves]
    asked = request.GET.get("anchor", "")
    anchor = next((curve for curve in board.curves if curve.name == asked), None)
    if asked and anchor is None:
        raise Http404
    anchor = anchor or usual_anchor(board)
    deltas = rate_deltas(board, anchor, interpolation) if anchor else []
    return {
        "anchor": anchor,
        # A reference is no curve of a single data set.
        "asked_anchor": asked if anchor and anchor.kind != REFERENCE else "",
        "anchors": names,
        "interpolation": interpolation,
        "interpolations": list(INTERPOLATIONS),
        "deltas": delta_lines(deltas),
        "refused": reasons(deltas),
    }
