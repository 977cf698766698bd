"""Curves over rates as SVG: a line for each codec, named where it ends, with upright intervals.

It is made as the other charts are (`charts.py`): places across in per cent, heights in px.
"""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from ratings.psychometrics.report.curve_drawing import Curve, CurveDrawing, DrawnPoint
from ratings.web.parts.drawing.charts import (
    Axis,
    Svg,
    along,
    axis_of,
    axis_ticks,
    is_finite,
    mark,
    svg,
    tick_text,
)
from ratings.web.parts.words.short_names import short_names

LEAST_HEIGHT = 320
# Room above and below for marks and names.
MARGIN = 20
# A name has this part of the chart's width, on its right; and so many letters of it on phones
# ("brief") and else.
NAMES_PART, LINE_HEIGHT = 0.32, 15
MOST_LETTERS = {"brief": 14, "spare": 16}


def rate_chart(drawing: CurveDrawing) -> Svg:
    """Return the chart; it is empty where no curve has a point."""
    curves = [curve for curve in drawing.curves if curve.points]
    if not curves:
        return Svg("")
    height = max(LEAST_HEIGHT, LINE_HEIGHT * len(curves) + 2 * MARGIN)
    points = [point for curve in curves for point in curve.points]
    low, high = axis_of(*_ends([point.bpp for point in points]))
    across = (low, high + (high - low) * NAMES_PART / (1 - NAMES_PART))
    values = [value for point in points for value in (point.value, point.low, point.high)]
    up = axis_of(*_ends([value for value in values if is_finite(value)]))
    parts = [_column(tick, across, height) for tick in axis_ticks(low, high)]
    parts += [_row(tick, up, height) for tick in axis_ticks(*up)]
    heights = _name_heights([_y(curve.points[-1].value, up, height) for curve in curves])
    whole = [curve.name for curve in curves]
    names = {kind: short_names(whole, most) for kind, most in MOST_LETTERS.items()}
    for at, (curve, name_y) in enumerate(zip(curves, heights, strict=True)):
        places = [(along(one.bpp, across), _y(one.value, up, height)) for one in curve.points]
        lines = _lines(curve, places) if drawing.joined else ""
        whiskers = "".join(_whisker(curve, one, across, up, height) for one in curve.points)
        marks = "".join(_mark(curve.kind, x, y) for x, y in places)
        texts = {kind: short[at] for kind, short in names.items()}
        name = _name(texts, places[-1], along(high, across), name_y)
        title = f"<title>{escape(curve.name)}</title>"
        parts.append(f'<g class="rate-curve">{title}{name}{lines}{whiskers}{marks}</g>')
    return svg(height, "rates", parts)


def _ends(values: Sequence[float]) -> Axis:
    return min(values), max(values)


def _y(value: float, up: Axis, height: float) -> float:
    share = (value - up[0]) / (up[1] - up[0])
    return round(height - MARGIN - share * (height - 2 * MARGIN), 1)


def _column(tick: float, across: Axis, height: float) -> str:
    x = along(tick, across)
    return (
        f'<line class="grid" x1="{x}" y1="0" x2="{x}" y2="{height:g}"/>'
        f'<text x="{x}" y="{height + 18:g}" text-anchor="middle">{tick_text(tick)}</text>'
    )


def _row(tick: float, up: Axis, height: float) -> str:
    y = _y(tick, up, height)
    return (
        f'<line class="grid" x1="0" y1="{y:g}" x2="100%" y2="{y:g}"/>'
        f'<text x="-8" y="{y + 4:g}" text-anchor="end">{tick_text(tick)}</text>'
    )


def _aside(kind: str) -> str:
    return "" if kind == "competing" else " aside"


def _lines(curve: Curve, places: Sequence[tuple[str, float]]) -> str:
    """Return straight lines between neighbours: what lies between two points was not measured."""
    return "".join(
        f'<line class="way{_aside(curve.kind)}" x1="{x}" y1="{y:g}" x2="{next_x}" y2="{next_y:g}"/>'
        for (x, y), (next_x, next_y) in pairwise(places)
    )


def _whisker(curve: Curve, point: DrawnPoint, across: Axis, up: Axis, height: float) -> str:
    if not (is_finite(point.low) and is_finite(point.high)):
        return ""
    x, low, high = along(point.bpp, across), point.low, point.high
    ends = f'y1="{_y(low, up, height):g}" y2="{_y(high, up, height):g}"'
    return f'<line class="whisker{_aside(curve.kind)}" x1="{x}" x2="{x}" {ends}/>'


def _mark(kind: str, x: str, y: float) -> str:
    if kind != "reference":
        return mark(kind, x, y)
    diamond = '<path class="point aside" d="M0 -5L5 0L0 5L-5 0z"/>'
    return f'<svg x="{x}" y="{y:g}" overflow="visible">{diamond}</svg>'


def _name(texts: Mapping[str, str], end: tuple[str, float], x: str, name_y: float) -> str:
    """Return a curve's name on the right of all points, so that it covers none; a line leads to it.

    `end` is the curve's last point, `x` where the last point of all stands.
    """
    end_x, y = end
    text = "".join(
        f'<text class="{kind}" x="10" y="4">{escape(name)}</text>' for kind, name in texts.items()
    )
    lead = f'<line class="leader" x1="{end_x}" y1="{y:g}" x2="{x}" y2="{name_y:g}"/>'
    return f'{lead}<svg x="{x}" y="{name_y:g}" overflow="visible">{text}</svg>'


def _name_heights(ends: Sequence[float]) -> list[float]:
    """Return how high each name stands: where its curve ends, or as near as others leave room.

    Names that would cover one another move apart, those above up and those below down.
    """
    order = sorted(range(len(ends)), key=lambda index: ends[index])
    groups: list[list[float]] = []  # of each: the mean of its ends, and how many there are
    for index in order:
        groups.append([ends[index], 1])
        while len(groups) > 1 and _reach(groups[-2], 1) > _reach(groups[-1], -1):
            (center, count), (last, many) = groups[-2:]
            groups[-2:] = [[(center * count + last * many) / (count + many), count + many]]
    spread = [
        center + (place - (count - 1) / 2) * LINE_HEIGHT
        for center, count in groups
        for place in range(int(count))
    ]
    return [round(spread[order.index(index)], 1) for index in range(len(ends))]


def _reach(group: Sequence[float], side: int) -> float:
    """Return where a group of names begins (-1) or ends (1)."""
    center, count = group
    return center + side * count * LINE_HEIGHT / 2
