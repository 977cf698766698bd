"""PSNR against people as SVG: a point for each method, named, with its human interval upright.

It is made as the other charts are (`charts.py`): places across in per cent, heights in px.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import hypot, inf

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

HEIGHT = 300
# Room above and below for marks and their names.
MARGIN = 20
# A name covers no other and no point in a chart at least so wide, and at most STRETCH times as
# wide: on phones ("brief") and else.
WIDTHS = {"brief": 240, "spare": 350}
STRETCH = 4
# Of names, in px; how far a name stands from its point.
LETTER_WIDTH, LINE_HEIGHT, GAP = 8, 14, 10
# A name that a line leads to may stand so near to another point, in px, where all else is taken.
CLEARANCE = 16
# Longer names are cut.
MOST_LETTERS = 14
Dot = tuple[float, float]
Box = tuple[float, float, float, float]


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


@dataclass(frozen=True)
class Place:
    """Where a name stands: on which side of its point, and how much lower, in px.

    A line leads to one that does not stand right beside its point.
    """

    is_right: bool
    shift: float


# The farther off, the later.
PLACES = [
    Place(side, line * LINE_HEIGHT)
    for line in sorted(range(-6, 7), key=abs)
    for side in (True, False)
]


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
    parts += [_point(point, across, up) for point in points]
    # Over all lines: a name may stand where another point's interval passes.
    for kind, width in WIDTHS.items():
        places = _name_places(points, names, across, up, width)
        named = zip(points, names, places, strict=True)
        parts += [_name(kind, one, name, at, across, up) for one, name, at in named if at]
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


def _name(kind: str, point: Point, name: str, place: Place, across: Axis, up: Axis) -> str:
    x, y = along(point.psnr_db, across), _y(point.score, up)
    side = f'x="{GAP}"' if place.is_right else f'x="-{GAP}" text-anchor="end"'
    text = f'<text class="{kind}" {side} y="{place.shift + 4:g}">{escape(name)}</text>'
    if place.shift:
        end = GAP - 2 if place.is_right else 2 - GAP
        text = f'<line class="leader {kind}" x2="{end}" y2="{place.shift:g}"/>{text}'
    return _of_method(point, f'<svg x="{x}" y="{y:g}" overflow="visible">{text}</svg>')


def _of_method(point: Point, parts: str) -> str:
    """Return parts that light up with their method's rows on the boards; its name in full."""
    title = f"<title>{escape(point.name)}</title>"
    return f'<g class="method-point" data-key="{escape(point.key)}">{title}{parts}</g>'


def _name_places(
    points: Sequence[Point], names: Sequence[str], across: Axis, up: Axis, width: float
) -> list[Place | None]:
    """Return where each name stands in a chart of this width: beside its point, or some lines off.

    Those of higher scores choose first. None where no place is free; the point's title has the
    name, and so have the boards.
    """
    dots = [
        (float(along(one.psnr_db, across).rstrip("%")) / 100 * width, _y(one.score, up))
        for one in points
    ]
    taken: list[tuple[Dot, Box]] = []
    places: list[Place | None] = [None] * len(points)
    for index in sorted(range(len(points)), key=lambda one: -points[one].score):
        dot = dots[index]
        others = dots[:index] + dots[index + 1 :]
        length = LETTER_WIDTH * len(names[index])
        for place in _places(dot, length, others):
            box = _box(dot, place, length)
            if _is_within(box, width) and not any(_meet(dot, box, *other) for other in taken):
                places[index] = place
                taken.append((dot, box))
                break
    return places


def _places(dot: Dot, length: float, others: Sequence[Dot]) -> Iterator[Place]:
    """Yield the places that name their point alone, the best first.

    First those that are nearer to it than to any other, then those off it that are clear of others.
    """
    for clearance in (inf, CLEARANCE):
        for place in PLACES:
            box = _box(dot, place, length)
            least = min(_distance(box, dot, dot), clearance)
            if all(_distance(box, dot, other) >= least for other in others):
                yield place


def _box(dot: Dot, place: Place, length: float) -> Box:
    x, y = dot
    left = x + GAP if place.is_right else x - GAP - length
    middle = y + place.shift
    return left, left + length, middle - LINE_HEIGHT / 2, middle + LINE_HEIGHT / 2


def _is_within(box: Box, width: float) -> bool:
    left, right, top, bottom = box
    return left >= 0 and right <= width and top >= 0 and bottom <= HEIGHT


def _drift(dot: Dot, other: Dot) -> tuple[float, float]:
    """Return between which px `other` goes to the right, beside `dot`, as the chart is widened."""
    way = (other[0] - dot[0]) * (STRETCH - 1)
    return min(0.0, way), max(0.0, way)


def _distance(box: Box, dot: Dot, other: Dot) -> float:
    """Return how far `other` is from the name of `dot` in the width where it is nearest, in px."""
    left, right, top, bottom = box
    x, y = other
    first, last = _drift(dot, other)
    return hypot(max(left - x - last, x + first - right, 0), max(top - y, y - bottom, 0))


def _meet(dot: Dot, box: Box, other: Dot, other_box: Box) -> bool:
    """Return whether two points' names cover one another in any width."""
    first, last = _drift(dot, other)
    left, right, top, bottom = other_box
    beside = box[0] < right + last and left + first < box[1]
    return beside and box[2] < bottom and top < box[3]
