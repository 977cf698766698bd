"""Scores over time as SVG: for each method a line with the band of its intervals, named.

It is made as the other charts are (`charts.py`): places across in per cent, heights in px.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape

from ratings.web.parts.drawing.charts import (
    Axis,
    Svg,
    axis_of,
    axis_ticks,
    is_finite,
    svg,
    tick_text,
)
from ratings.web.parts.words.short_names import short_names

HEIGHT, FOOT, MARGIN = 300, 28, 12
# What the numbers on the left take, and the names on the right.
LEFT, RIGHT = 7.0, 22.0
LINE_HEIGHT = 15
# As many of a name as have room beside the lines, on a phone in brief.
NAME_CHARACTERS, BRIEF_CHARACTERS = 20, 11
# Of a shorter span days alone say too little.
LONG = timedelta(days=3)


@dataclass(frozen=True)
class CurveStop:
    """A method at an instant: its score and the ends of its interval."""

    at: datetime
    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CurveLine:
    """A method's way: `key` is its submission's, as on the boards."""

    key: str
    name: str
    kind: str
    stops: Sequence[CurveStop]


def score_curves(lines: Sequence[CurveLine], zone: tzinfo) -> Svg:
    """Return the chart with instants in `zone`; empty where no method has two that lie apart."""
    lines = [line for line in lines if len({stop.at for stop in line.stops}) > 1]
    if not lines:
        return Svg("")
    stops = [stop for line in lines for stop in line.stops]
    first, last = min(stop.at for stop in stops), max(stop.at for stop in stops)
    across = axis_of(first.timestamp(), last.timestamp())
    up = _height(lines)
    parts = [_row(tick, up) for tick in axis_ticks(*up)]
    parts += _instants(first.astimezone(zone), last.astimezone(zone))
    named = [line.name for line in lines]
    shown = zip(
        lines,
        short_names(named, NAME_CHARACTERS),
        short_names(named, BRIEF_CHARACTERS),
        _name_places(lines, up),
        strict=True,
    )
    parts += [_line(line, name, brief, across, up, y) for line, name, brief, y in shown]
    return svg(HEIGHT + FOOT, "curve scores-curve", parts)


def _height(lines: Sequence[CurveLine]) -> Axis:
    """Return an axis for all scores, and for the intervals of the later half.

    The first ones come of few answers and would squeeze all others; they are cut.
    """
    later = [stop for line in lines for stop in line.stops[len(line.stops) // 2 :]]
    ends = [value for stop in later for value in (stop.low, stop.high) if is_finite(value)]
    ends += [stop.score for line in lines for stop in line.stops]
    return axis_of(min(ends), max(ends))


def _x(at: datetime, across: Axis) -> float:
    share = (at.timestamp() - across[0]) / (across[1] - across[0])
    return LEFT + share * (100 - LEFT - RIGHT)


def _y(value: float, up: Axis) -> float:
    share = (value - up[0]) / (up[1] - up[0])
    return min(max(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 0.0), HEIGHT)


def _row(tick: float, up: Axis) -> str:
    y = f"{_y(tick, up):.1f}"
    line = f'<line class="grid" x1="{LEFT}%" x2="{100 - RIGHT}%" y1="{y}" y2="{y}"/>'
    return f'{line}<text x="0" y="{_y(tick, up) + 4:.1f}">{tick_text(tick)}</text>'


def _instants(first: datetime, last: datetime) -> list[str]:
    """Return the words below both ends of the axis."""
    ends = (LEFT, first, "start"), (100 - RIGHT, last, "end")
    form = "%b %Y" if last - first >= LONG else "%b, %H:%M"
    return [
        f'<text x="{x}%" y="{HEIGHT + 18}" text-anchor="{anchor}">{at.day} {at:{form}}</text>'
        for x, at, anchor in ends
    ]


def _line(line: CurveLine, name: str, brief: str, across: Axis, up: Axis, name_y: float) -> str:
    aside = "" if line.kind == "competing" else " aside"
    places = [(_x(stop.at, across), stop) for stop in line.stops]
    way = " ".join(f"{x:.2f},{_y(stop.score, up):.1f}" for x, stop in places)
    closed = [(x, s.low, s.high) for x, s in places if is_finite(s.low) and is_finite(s.high)]
    above = [f"{x:.2f},{_y(high, up):.1f}" for x, _, high in closed if high is not None]
    below = [f"{x:.2f},{_y(low, up):.1f}" for x, low, _ in reversed(closed) if low is not None]
    last_x, last = places[-1]
    at_end = f'x="{100 - RIGHT + 1.5}%" y="{name_y + 4:.1f}"'
    return (
        f'<g class="method-line{aside}" data-key="{escape(line.key)}">'
        f"<title>{escape(line.name)}</title>"
        f'<svg width="100%" height="{HEIGHT}" viewBox="0 0 100 {HEIGHT}"'
        f' preserveAspectRatio="none"><polygon class="band" points="{" ".join(above + below)}"/>'
        f'<polyline class="line" points="{way}"/></svg>'
        f'<circle class="point{aside}" cx="{last_x:.2f}%" cy="{_y(last.score, up):.1f}" r="3.5"/>'
        f'<text class="spare" {at_end}>{escape(name)}</text>'
        f'<text class="brief" {at_end}>{escape(brief)}</text></g>'
    )


def _name_places(lines: Sequence[CurveLine], up: Axis) -> list[float]:
    """Return how high each name stands: at its line's end, or as near as the others let it."""
    order = sorted(range(len(lines)), key=lambda place: -lines[place].stops[-1].score)
    places = [0.0] * len(lines)
    free = 0.0
    for place in order:
        places[place] = max(_y(lines[place].stops[-1].score, up), free)
        free = places[place] + LINE_HEIGHT
    return places
