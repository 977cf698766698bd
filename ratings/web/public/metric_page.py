"""The board of metrics: accuracy on judgments that are held back, beside what is attainable."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from ratings.metrics.metric_board import metric_rows, results_of
from ratings.metrics.metric_scoring import IN_THE_BOX
from ratings.metrics.metric_tracks import track_of
from ratings.web.parts.base_context import challenge_frame, is_organizer
from ratings.web.parts.drawing import charts
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import DASH, NOTHING, count, decimal, moment
from ratings.web.public.board_pages import refuse_while_frozen, visible_phase


@dataclass(frozen=True)
class MetricLine:
    """One metric's figures as text; each interval is "" where there is none."""

    rank: str
    metric: str
    team: str
    in_the_box: bool
    accuracy: str
    interval: str
    behind: str
    behind_interval: str
    spearman: str
    spearman_interval: str
    problem: str


@require_safe
@cache_control(no_cache=True, private=True)
@conditional_page
def metric_board(request: HttpRequest, slug: str, phase_slug: str) -> HttpResponse:
    """Show the metrics; 404 to everyone but organizers until the board is released."""
    now = now_of(request)
    phase = visible_phase(request, slug, phase_slug, now)
    refuse_while_frozen(request, phase, now)
    track = track_of(phase)
    if track is None or not (track.is_released or is_organizer(request)):
        raise Http404
    chosen = request.GET.get("dataset", "")
    dataset = get_object_or_404(phase.datasets, slug=chosen) if chosen else None
    results = results_of(track, dataset)
    rows = metric_rows(results)
    page = {
        "phase": phase,
        "track": track,
        "dataset": dataset,
        "datasets": list(phase.datasets.order_by("pk")),
        "lines": [_line(row) for row in rows],
        "plot": _plot(rows),
        "ceiling": _ceiling(results.get("ceiling")),
        "made_of": _made_of(results),
        "simulated": results.get("simulated", False),
        "scored": track.scored_at and moment(track.scored_at, phase.zone),
    }
    frame = challenge_frame(request, phase.challenge, now, "Boards")
    return render(request, "metric_board.html", frame | page)


def _line(row: dict[str, Any]) -> MetricLine:
    return MetricLine(
        rank=str(row["rank"] or NOTHING),
        metric=row["metric"],
        team=row["team"],
        in_the_box=row["kind"] == IN_THE_BOX,
        accuracy=decimal(_points(row["accuracy"]), 1),
        interval=_interval(row, "accuracy", 100, 1),
        behind=decimal(_points(row["behind"]), 1),
        behind_interval=_interval(row, "behind", 100, 1),
        spearman=decimal(row["spearman"], 2),
        spearman_interval=_interval(row, "spearman", 1, 2),
        problem=row["problem"],
    )


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _interval(row: dict[str, Any], name: str, scale: float, places: int) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is None or high is None:
        return ""
    return f"{decimal(scale * low, places)} to {decimal(scale * high, places)}"


def _plot(rows: list[dict[str, Any]]) -> charts.Svg:
    """Return the accuracies with their intervals, from chance on."""
    drawn = [
        charts.Interval(
            row["metric"],
            "baseline" if row["kind"] == IN_THE_BOX else "competing",
            _points(row["accuracy"]),
            _points(row["accuracy_low"]),
            _points(row["accuracy_high"]),
        )
        for row in rows
    ]
    return charts.forest_plot(drawn, center=50)


def _ceiling(bounds: dict[str, Any] | None) -> str:
    if bounds is None:
        return ""
    low, high = (decimal(100 * bounds[end], 1) for end in ("low", "high"))
    return f"{low}{DASH}{high} %, by {count(bounds['judgments'], 'judgment')}"


def _made_of(results: dict[str, Any]) -> str:
    if not results["judgments"]:
        return ""
    numbers = (
        (results["judgments"], "judgment"),
        (results["raters"], "rater"),
        (results["pictures"], "picture"),
    )
    return " · ".join(count(*number) for number in numbers)
