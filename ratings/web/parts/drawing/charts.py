"""Charts as SVG text: values in, markup out.

Horizontal positions are per cent of the width, so that a chart is as wide as its place without
stretching a dot. Looks come from classes of static/css/charts.css: the pages allow no inline style.
Each chart stands beside a table with the same figures and is hidden from screen readers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeGuard

# As --row of base.css: two lines of a name and one of its team fit in.
ROW_HEIGHT = 60
# Room at both ends for the dots and for the numbers below the axis.
MARGIN_PERCENT = 6.0
# So many characters have room below an axis on a phone; other numbers are left out there.
PHONE_CHARACTERS = 8
# The share of a plot that the words of an open end take.
_ROOM_FOR_WORDS = 0.4
Axis = tuple[float, float]


class Svg(str):
    """Markup that is already escaped; templates put it on the page as it is."""

    def __html__(self) -> "Svg":
        return self


@dataclass(frozen=True)
class Interval:
    """One row of a forest plot: a score with its interval, or nothing where there is none.

    `wide_low` to `wide_high` is the interval of a higher level. What has no score may have an open
    end, from `start` on "above" or "below", the value of `open`; `said` says so in words.
    """

    name: str
    kind: str
    score: float | None
    low: float | None
    high: float | None
    wide_low: float | None = None
    wide_high: float | None = None
    start: float | None = None
    open: str = ""
    said: str = ""


def forest_plot(
    rows: Sequence[Interval],
    row_height: int = ROW_HEIGHT,
    center: float = 0,
    axis: Axis | None = None,
) -> Svg:
    """Return a forest plot: for each row a dot and its intervals, thick and thin, on one axis.

    `center` is the value of the mean, whose line is stronger; `axis` the values at both ends, by
    default as far as the intervals reach. The plot is exactly as high as its rows, to stand beside
    them; the axis' numbers hang out below.
    """
    bounds = _with_starts([value for row in rows for value in _bounds(row)], rows)
    height = len(rows) * row_height
    if not bounds:
        return svg(height, "forest", [])
    axis = axis or axis_of(min(bounds), max(bounds))
    parts = _rules(len(rows), row_height)
    ticks = axis_ticks(*axis)
    middle = ticks.index(center) if center in ticks else 0
    every = math.ceil(sum(len(tick_text(tick)) for tick in ticks) / PHONE_CHARACTERS)
    for index, tick in enumerate(ticks):
        spare = (index - middle) % every != 0
        parts.append(_tick(tick, axis, height, "zero" if tick == center else "grid", spare=spare))
    parts += [_interval(row, axis, (index + 0.5) * row_height) for index, row in enumerate(rows)]
    return svg(height, "forest", parts)


def brackets(rows: int, spans: Sequence[tuple[int, int]], row_height: int = ROW_HEIGHT) -> Svg:
    """Return brackets that join rows, as high as `rows` rows; a span is its first and last row.

    Overlapping brackets stand side by side, the least indented first.
    """
    lanes: list[int] = []  # the last row taken in each
    placed = []
    for first, last in spans:
        lane = next((i for i, taken in enumerate(lanes) if taken < first), len(lanes))
        lanes[lane : lane + 1] = [last]
        placed.append((lane, first, last))
    parts = [
        f'<svg x="{(lane + 0.5) / len(lanes) * 100:.2f}%" overflow="visible"><path class="bracket"'
        f' d="M-4 {first * row_height + 8}h4V{(last + 1) * row_height - 8}h-4"/></svg>'
        for lane, first, last in placed
    ]
    return svg(rows * row_height, "brackets", _rules(rows, row_height) + parts)


def slope(
    left: Sequence[str], right: Sequence[str], aside: frozenset[str], row_height: int = ROW_HEIGHT
) -> Svg:
    """Return lines that join each key's row on the left with its row on the right.

    Keys in `aside` (baselines, entries not in the competition) get a dashed line.
    """
    places = {key: index for index, key in enumerate(right)}
    parts = [
        f'<line class="link{" aside" if key in aside else ""}" data-key="{escape(key)}" x1="0"'
        f' y1="{_y(index, row_height)}" x2="100%" y2="{_y(places[key], row_height)}"/>'
        for index, key in enumerate(left)
        if key in places
    ]
    return svg(max(len(left), len(right)) * row_height, "slope", parts)


def symbol(kind: str) -> Svg:
    """Return the mark of one kind of entry with its interval, for a legend."""
    row = Interval("", kind, 0.0, -0.7, 0.7, -1.0, 1.0)
    return Svg(
        '<svg class="chart" width="40" height="16" aria-hidden="true" focusable="false">'
        f"{_interval(row, (-1.0, 1.0), 8)}</svg>"
    )


def axis_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return the round numbers (1, 2 or 5 x 10^n apart) from `low` to `high`, at most `most`."""
    power = math.floor(math.log10((high - low) / most))
    for step in (m * 10.0**e for e in (power, power + 1, power + 2) for m in (1, 2, 5)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [round(index * step, 10) for index in range(first, last + 1)]
    raise ValueError(f"No axis from {low} to {high}.")


def _rules(rows: int, row_height: int) -> list[str]:
    """Return the lines below rows, going on where those of the table stop."""
    edges = [(index + 1) * row_height - 0.5 for index in range(rows)]
    return [f'<line class="rule" x1="0" y1="{y:g}" x2="100%" y2="{y:g}"/>' for y in edges]


def _bounds(row: Interval) -> list[float]:
    """Return the values for which the axis must have room.

    A thin interval more than twice as long as the thick one comes of very few raters; it is cut,
    because it would squeeze everything else.
    """
    thick = [value for value in (row.score, row.low, row.high) if is_finite(value)]
    if not thick:
        return []
    low, high, spare = min(thick), max(thick), (max(thick) - min(thick)) / 2
    thin = [value for value in (row.wide_low, row.wide_high) if is_finite(value)]
    return thick + [min(max(value, low - spare), high + spare) for value in thin]


def _with_starts(bounds: Sequence[float], rows: Sequence[Interval]) -> list[float]:
    """Add where open ends begin that lie beyond all else on their side.

    What begins on the other side needs no room there: its arrow crosses the whole plot.
    """
    starts = [(row.open, row.start) for row in rows if is_finite(row.start)]
    above = [start for side, start in starts if side == "above"]
    below = [start for side, start in starts if side != "above"]
    return [*bounds, *([max(above)] if above else []), *([min(below)] if below else [])]


def axis_of(low: float, high: float) -> Axis:
    """Return the values at both ends of an axis; a single value stands in the middle."""
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def svg(height: float, name: str, parts: Sequence[str]) -> Svg:
    """Return a chart of these parts, as wide as its place; `name` is its class."""
    return Svg(
        f'<svg class="chart {name}" width="100%" height="{height:g}" aria-hidden="true"'
        f' focusable="false">{"".join(parts)}</svg>'
    )


def _interval(row: Interval, axis: Axis, y: float) -> str:
    if row.score is None and is_finite(row.start):
        return _arrow(row, row.start, axis, y)
    if row.score is None or not is_finite(row.score):
        return ""
    aside = "" if row.kind == "competing" else " aside"
    x = along(row.score, axis)
    lines = _line(f"whisker{aside}", row.wide_low, row.wide_high, axis, y)
    lines += _line(f"interval{aside}", row.low, row.high, axis, y)
    return f"<g><title>{escape(row.name)}</title>{lines}{mark(row.kind, x, y)}</g>"


def _arrow(row: Interval, start: float, axis: Axis, y: float) -> str:
    """Return a line from where it lies at least to the edge, with an arrow's head there.

    The words stand before it, where there is room for them.
    """
    aside = "" if row.kind == "competing" else " aside"
    end, sign = ("99%", 1) if row.open == "above" else ("1%", -1)
    start = min(max(start, axis[0]), axis[1])
    begin, before = along(start, axis), abs(start - axis[0 if sign > 0 else 1])
    ends = f'x1="{begin}" x2="{end}" y1="{y:g}" y2="{y:g}"'
    line = f'<line class="interval{aside}" {ends}/>'
    head = f'<path class="arrow{aside}" d="M{-6 * sign} -5L{sign} 0L{-6 * sign} 5"/>'
    place = f'<svg x="{end}" y="{y:g}" overflow="visible">{head}</svg>'
    side = f'x="{-8 * sign}" y="4" text-anchor="{"end" if sign > 0 else "start"}"'
    words = f'<text class="spare" {side}>{escape(row.said)}</text>'
    said = f'<svg x="{begin}" y="{y:g}" overflow="visible">{words}</svg>'
    said = said if before > _ROOM_FOR_WORDS * (axis[1] - axis[0]) else ""
    return f"<g><title>{escape(row.name)}</title>{line}{place}{said}</g>"


def _line(name: str, low: float | None, high: float | None, axis: Axis, y: float) -> str:
    """Return a horizontal line between two values, cut at the ends of the axis."""
    if not (is_finite(low) and is_finite(high)):
        return ""
    ends = f'x1="{along(max(low, axis[0]), axis)}" x2="{along(min(high, axis[1]), axis)}"'
    return f'<line class="{name}" {ends} y1="{y:g}" y2="{y:g}"/>'


def mark(kind: str, x: str, y: float) -> str:
    """Return the dot: filled if competing, a hollow square for a baseline, else a hollow dot."""
    if kind == "baseline":
        # A nested svg moves by per cent and draws by pixels: a rect alone can't do both.
        square = '<rect class="point aside" x="-4" y="-4" width="8" height="8"/>'
        return f'<svg x="{x}" y="{y:g}" overflow="visible">{square}</svg>'
    aside = "" if kind == "competing" else " aside"
    return f'<circle class="point{aside}" cx="{x}" cy="{y:g}" r="4.5"/>'


def _tick(tick: float, axis: Axis, height: float, kind: str, *, spare: bool) -> str:
    x = along(tick, axis)
    name = ' class="spare"' if spare else ""
    return (
        f'<line class="{kind}" x1="{x}" y1="0" x2="{x}" y2="{height:g}"/>'
        f'<text{name} x="{x}" y="{height + 18:g}" text-anchor="middle">{tick_text(tick)}</text>'
    )


def tick_text(tick: float) -> str:
    """Return a number of an axis as text, with a true minus sign."""
    return f"{tick:g}".replace("-", "\N{MINUS SIGN}")


def along(value: float, axis: Axis) -> str:
    """Return the place of a value on a horizontal axis, in per cent of the chart's width."""
    low, high = axis
    share = (value - low) / (high - low)
    return f"{MARGIN_PERCENT + share * (100 - 2 * MARGIN_PERCENT):.2f}%"


def _y(index: int, row_height: int) -> str:
    return f"{(index + 0.5) * row_height:g}"


def is_finite(value: float | None) -> TypeGuard[float]:
    """Tell whether there is a value that has a place on an axis."""
    return value is not None and math.isfinite(value)
