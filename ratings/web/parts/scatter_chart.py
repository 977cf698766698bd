"""PSNR against people as SVG: a point for each method, named, with its human interval upright.

It is made as the other charts are (`charts.py`): places across in per cent, heights in px.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ratings.web.parts.charts import (
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
from ratings.web.parts.short_names import short_names

HEIGHT = 300
# Room above and below for marks and their names.
MARGIN = 20
# Names are set where they hide no other name, for a chart of some such width, in px.
USUAL_WIDTH, LETTER_WIDTH, LINE_HEIGHT = 480, 7, 14
# Beyond the middle a name stands on the left of its point, so that half of a phone's width is room
# for any. Longer ones are cut.
TURN, MOST_LETTERS = 0.5, 15


@dataclass(frozen=True)
class Point:
    """A method: `key` is its submission's, as on the boards; PSNR in dB, score with interval."""

    key: str
    name: str
    kind: str
    psnr_db: float
    score: float
    low: float | None
    high: float | None


def scatter(points: Sequence[Point]) -> Svg:
    """Return the chart; points whose PSNR has no place on an axis are left out.

    It is empty with fewer than three: two always lie on a line.
    """
    points = [point for point in points if is_finite(point.psnr_db)]
    if len(points) < 3:
        return Svg("")
    across = axis_of(*_ends([point.psnr_db for point in points]))
    scores = [value for one in points for value in (one.score, one.low, one.high)]
    up = axis_of(*_ends([value for value in scores if is_finite(value)]))
    parts = [_column(tick, across) for tick in axis_ticks(*across)]
    parts += [_row(tick, up) for tick in axis_ticks(*up)]
    names = short_names([point.name for point in points], MOST_LETTERS)
    places = _name_places(points, names, across, up)
    parts += [_point(point, across, up) for point in points]
    # Over all lines: a name may stand where another point's interval passes.
    named = zip(points, names, places, strict=True)
    parts += [_name(point, name, across, up, place) for point, name, place in named]
    return svg(HEIGHT, "scatter", parts)


def _ends(values: Sequence[float]) -> Axis:
    return min(values), max(values)


def _y(value: float, up: Axis) -> float:
    share = (value - up[0]) / (up[1] - up[0])
    return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)


def _column(tick: float, across: Axis) -> str:
    x = along(tick, across)
    return (
        f'<line class="grid" x1="{x}" y1="0" x2="{x}" y2="{HEIGHT}"/>'
        f'<text x="{x}" y="{HEIGHT + 18}" text-anchor="middle">{tick_text(tick)}</text>'
    )


def _row(tick: float, up: Axis) -> str:
    y = _y(tick, up)
    return (
        f'<line class="grid" x1="0" y1="{y:g}" x2="100%" y2="{y:g}"/>'
        f'<text x="-8" y="{y + 4:g}" text-anchor="end">{tick_text(tick)}</text>'
    )


def _point(point: Point, across: Axis, up: Axis) -> str:
    aside = "" if point.kind == "competing" else " aside"
    x, y = along(point.psnr_db, across), _y(point.score, up)
    line = ""
    if is_finite(point.low) and is_finite(point.high):
        ends = f'y1="{_y(point.low, up):g}" y2="{_y(point.high, up):g}"'
        line = f'<line class="whisker{aside}" x1="{x}" x2="{x}" {ends}/>'
    return _of_method(point, line + mark(point.kind, x, y))


def _name(point: Point, short: str, across: Axis, up: Axis, name_y: float) -> str:
    x, y = along(point.psnr_db, across), _y(point.score, up)
    side = 'x="-10" text-anchor="end"' if _is_left(point, across) else 'x="10"'
    name = f'<text {side} y="{name_y - y + 4:g}">{escape(short)}</text>'
    return _of_method(point, f'<svg x="{x}" y="{y:g}" overflow="visible">{name}</svg>')


def _of_method(point: Point, parts: str) -> str:
    """Return parts that light up with their method's rows on the boards; its name in full."""
    title = f"<title>{escape(point.name)}</title>"
    return f'<g class="method-point" data-key="{escape(point.key)}">{title}{parts}</g>'


def _is_left(point: Point, across: Axis) -> bool:
    return (point.psnr_db - across[0]) / (across[1] - across[0]) > TURN


def _name_places(
    points: Sequence[Point], names: Sequence[str], across: Axis, up: Axis
) -> list[float]:
    """Return how high each name stands: beside its point, or lower where another one stands."""
    taken: list[tuple[float, float, float]] = []
    places = {}
    for point, name in sorted(zip(points, names, strict=True), key=lambda one: -one[0].score):
        x = USUAL_WIDTH * (point.psnr_db - across[0]) / (across[1] - across[0])
        width = LETTER_WIDTH * len(name) + 10
        start, end = (x - width, x) if _is_left(point, across) else (x, x + width)
        y = _y(point.score, up)
        for left, right, height in taken:
            if left < end and start < right and abs(height - y) < LINE_HEIGHT:
                y = height + LINE_HEIGHT
        taken.append((start, end, y))
        places[point.key] = y
    return [places[point.key] for point in points]
