"""Charts as SVG text: values in, markup out.

Horizontal positions are per cent of the width, so that a chart is as wide as its place without
stretching a dot. Looks come from classes of static/style.css: the pages allow no inline style.
Each chart stands beside a table with the same figures and is hidden from screen readers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import TypeGuard

ROW_HEIGHT = 48
AXIS_HEIGHT = 32
# Room at both ends for the dots and for the numbers below the axis.
MARGIN_PERCENT = 6.0
BARS_HEIGHT = 96
COLUMNS_HEIGHT = 72
CELL_HEIGHT = 28
# Of a matrix: what the names of its rows take; cells narrower than this hold no number.
MATRIX_NAMES_PERCENT = 38.0
MOST_NARROW = 5.0
NAME_CHARACTERS = 18
# So many characters have room below an axis on a phone; other numbers are left out there.
PHONE_CHARACTERS = 8
Axis = tuple[float, float]


class Svg(str):
    """Markup that is already escaped; templates put it on the page as it is."""

    def __html__(self) -> "Svg":
        return self


@dataclass(frozen=True)
class Interval:
    """One row of a forest plot: a score with its interval, or nothing where there is none.

    `wide_low` to `wide_high` is the interval of a higher level.
    """

    name: str
    kind: str
    score: float | None
    low: float | None
    high: float | None
    wide_low: float | None = None
    wide_high: float | None = None


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
    bounds = [value for row in rows for value in _bounds(row)]
    height = len(rows) * row_height
    if not bounds:
        return _svg(height, "forest", [])
    axis = axis or _axis(min(bounds), max(bounds))
    parts = _rules(len(rows), row_height)
    ticks = axis_ticks(*axis)
    middle = ticks.index(center) if center in ticks else 0
    every = math.ceil(sum(len(_number(tick)) for tick in ticks) / PHONE_CHARACTERS)
    for index, tick in enumerate(ticks):
        spare = (index - middle) % every != 0
        parts.append(_tick(tick, axis, height, "zero" if tick == center else "grid", spare=spare))
    parts += [_interval(row, axis, (index + 0.5) * row_height) for index, row in enumerate(rows)]
    return _svg(height, "forest", parts)


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
    return _svg(rows * row_height, "brackets", _rules(rows, row_height) + parts)


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
    return _svg(max(len(left), len(right)) * row_height, "slope", parts)


def bars_per_hour(counts: Sequence[tuple[datetime, int]]) -> Svg:
    """Return one bar an hour; `counts` holds every hour in turn, empty ones included."""
    top = max((count for _, count in counts), default=0)
    if not top:
        return _svg(BARS_HEIGHT + AXIS_HEIGHT, "bars", [])
    width = 100 / len(counts)
    parts = [f'<line class="zero" x1="0" y1="{BARS_HEIGHT}" x2="100%" y2="{BARS_HEIGHT}"/>']
    for index, (hour, count) in enumerate(counts):
        height = round(count / top * (BARS_HEIGHT - 16), 1)
        title = f"{hour:%d %b %H}:00 UTC: {count:,}"
        parts.append(
            f'<rect class="bar" x="{index * width:.3f}%" y="{BARS_HEIGHT - height}"'
            f' width="{width * 0.8:.3f}%" height="{height}"><title>{title}</title></rect>'
        )
        if hour.hour % 12 == 0 and 2 < index * width < 92:
            label = f"{hour:%H}:00" if hour.hour else f"{hour.day} {hour:%b}"
            parts.append(f'<text x="{index * width:.3f}%" y="{BARS_HEIGHT + 18}">{label}</text>')
    parts.append(f'<text x="0" y="10">{top:,} in the busiest hour</text>')
    return _svg(BARS_HEIGHT + AXIS_HEIGHT, "bars", parts)


def matrix(names: Sequence[str], counts: Sequence[Sequence[int | None]]) -> Svg:
    """Return a triangle of cells, one for each pair; the darker, the more there is.

    `counts[i][j]`, j < i, is that of names i and j; None is no pair. Rows and columns are
    numbered alike; the name stands with its row.
    """
    if len(names) < 2:
        return _svg(0, "matrix", [])
    top = max((count or 0 for row in counts for count in row), default=0)
    width, height = (100 - MATRIX_NAMES_PERCENT) / (len(names) - 1), len(names) * CELL_HEIGHT
    parts = []
    for i, name in enumerate(names):
        y, x = i * CELL_HEIGHT, MATRIX_NAMES_PERCENT + (i + 0.5) * width
        parts.append(
            f'<text x="0" y="{y + CELL_HEIGHT / 2 + 4:g}">{i + 1} {escape(_cut(name))}</text>'
        )
        if i < len(names) - 1:
            parts.append(
                f'<text x="{x:.2f}%" y="{height + 16}" text-anchor="middle">{i + 1}</text>'
            )
        for j, count in enumerate(counts[i][:i]):
            title = f"{names[j]} \N{EN DASH} {name}: "
            parts.append(_cell(MATRIX_NAMES_PERCENT + j * width, y, width, title, count, top))
    return _svg(height + 24, "matrix", parts)


def columns(counts: Sequence[tuple[str, int]]) -> Svg:
    """Return one thin bar for each named count, the most first, with the ends in numbers."""
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    top = ordered[0][1] if ordered else 0
    if not top:
        return _svg(0, "bars", [])
    width, room = 100 / len(ordered), COLUMNS_HEIGHT - 16
    parts = [f'<line class="zero" x1="0" y1="{COLUMNS_HEIGHT}" x2="100%" y2="{COLUMNS_HEIGHT}"/>']
    for index, (name, count) in enumerate(ordered):
        height = round(count / top * room, 1)
        parts.append(
            f'<rect class="bar" x="{index * width:.3f}%" y="{COLUMNS_HEIGHT - height}"'
            f' width="{width * 0.8:.3f}%" height="{height}">'
            f"<title>{escape(name)}: {count:,}</title></rect>"
        )
    ends = f'<text x="0" y="10">{top:,} at most</text>'
    least = f'<text x="100%" y="10" text-anchor="end">{ordered[-1][1]:,} at least</text>'
    return _svg(COLUMNS_HEIGHT, "bars", [*parts, ends, least])


def meter(share: float) -> Svg:
    """Return a thin bar that is filled to `share` of 1."""
    filled = f"{min(1.0, max(0.0, share)) * 100:.1f}%"
    return Svg(
        '<svg class="meter" height="6" aria-hidden="true" focusable="false">'
        '<rect class="track" width="100%" height="6" rx="3"/>'
        f'<rect class="fill" width="{filled}" height="6" rx="3"/></svg>'
    )


def share(value: float | None, low: float | None, high: float | None) -> Svg:
    """Return a share of 1 as a dot with its interval, on a line from 0 to 1."""
    parts = [
        '<line class="rule" x1="0" y1="8" x2="100%" y2="8"/>',
        *(
            f'<line class="grid" x1="{end}" y1="4" x2="{end}" y2="12"/>'
            for end in ("0", "50%", "100%")
        ),
    ]
    if _is_finite(low) and _is_finite(high):
        ends = f'x1="{low:.2%}" x2="{high:.2%}"'
        parts.append(f'<line class="interval" {ends} y1="8" y2="8"/>')
    if _is_finite(value):
        parts.append(f'<circle class="point" cx="{value:.2%}" cy="8" r="4"/>')
    return _svg(16, "share", parts)


def symbol(kind: str) -> Svg:
    """Return the mark of one kind of entry with its interval, for a legend."""
    row = Interval("", kind, 0.0, -0.7, 0.7, -1.0, 1.0)
    return Svg(
        '<svg class="chart" width="40" height="16" aria-hidden="true" focusable="false">'
        f"{_interval(row, (-1.0, 1.0), 8)}</svg>"
    )


def hours_until(now: datetime, hours: int) -> list[datetime]:
    """Return the starts of the last `hours` hours, the running one last."""
    last = now.replace(minute=0, second=0, microsecond=0)
    return [last - timedelta(hours=back) for back in range(hours - 1, -1, -1)]


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
    thick = [value for value in (row.score, row.low, row.high) if _is_finite(value)]
    if not thick:
        return []
    low, high, spare = min(thick), max(thick), (max(thick) - min(thick)) / 2
    thin = [value for value in (row.wide_low, row.wide_high) if _is_finite(value)]
    return thick + [min(max(value, low - spare), high + spare) for value in thin]


def _axis(low: float, high: float) -> Axis:
    """Return the values at both ends; a single value stands in the middle."""
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _svg(height: float, name: str, parts: Sequence[str]) -> Svg:
    return Svg(
        f'<svg class="chart {name}" width="100%" height="{height:g}" aria-hidden="true"'
        f' focusable="false">{"".join(parts)}</svg>'
    )


def _interval(row: Interval, axis: Axis, y: float) -> str:
    if row.score is None or not _is_finite(row.score):
        return ""
    aside = "" if row.kind == "competing" else " aside"
    x = _percent(row.score, axis)
    lines = _line(f"whisker{aside}", row.wide_low, row.wide_high, axis, y)
    lines += _line(f"interval{aside}", row.low, row.high, axis, y)
    return f"<g><title>{escape(row.name)}</title>{lines}{_mark(row.kind, x, y)}</g>"


def _line(name: str, low: float | None, high: float | None, axis: Axis, y: float) -> str:
    """Return a horizontal line between two values, cut at the ends of the axis."""
    if not (_is_finite(low) and _is_finite(high)):
        return ""
    ends = f'x1="{_percent(max(low, axis[0]), axis)}" x2="{_percent(min(high, axis[1]), axis)}"'
    return f'<line class="{name}" {ends} y1="{y:g}" y2="{y:g}"/>'


def _mark(kind: str, x: str, y: float) -> str:
    """Return the dot: filled if competing, a hollow square for a baseline, else a hollow dot."""
    if kind == "baseline":
        # A nested svg moves by per cent and draws by pixels: a rect alone can't do both.
        square = '<rect class="point aside" x="-4" y="-4" width="8" height="8"/>'
        return f'<svg x="{x}" y="{y:g}" overflow="visible">{square}</svg>'
    aside = "" if kind == "competing" else " aside"
    return f'<circle class="point{aside}" cx="{x}" cy="{y:g}" r="4.5"/>'


def _tick(tick: float, axis: Axis, height: float, kind: str, *, spare: bool) -> str:
    x = _percent(tick, axis)
    mark = ' class="spare"' if spare else ""
    return (
        f'<line class="{kind}" x1="{x}" y1="0" x2="{x}" y2="{height:g}"/>'
        f'<text{mark} x="{x}" y="{height + 18:g}" text-anchor="middle">{_number(tick)}</text>'
    )


def _cell(x: float, y: float, width: float, title: str, count: int | None, top: int) -> str:
    """Return one cell of a matrix; one that should have something and has nothing is hollow."""
    if count is None:
        return ""
    place = f'x="{x + 0.15:.2f}%" y="{y + 1}" width="{width - 0.3:.2f}%" height="{CELL_HEIGHT - 2}"'
    words = f"<title>{escape(title)}{count:,}</title>"
    if not count:
        return f'<rect class="cell none" {place} rx="2">{words}</rect>'
    share = count / top
    drawn = f'<rect class="cell" {place} rx="2" fill-opacity="{0.12 + 0.88 * share:.2f}">{words}'
    tone = "on" if share > 0.6 else "over"
    middle = f'x="{x + width / 2:.2f}%" y="{y + CELL_HEIGHT / 2 + 4:g}" text-anchor="middle"'
    # A number has no room where a cell is narrow; it is in the title and the table then.
    number = f'<text class="{tone}" {middle}>{count}</text>' if width > MOST_NARROW else ""
    return f"{drawn}</rect>{number}"


def _cut(name: str) -> str:
    """Return a name as long as there is room for; the table has it whole."""
    return (
        name
        if len(name) <= NAME_CHARACTERS
        else name[: NAME_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )


def _number(tick: float) -> str:
    return f"{tick:g}".replace("-", "\N{MINUS SIGN}")


def _percent(value: float, axis: Axis) -> str:
    low, high = axis
    share = (value - low) / (high - low)
    return f"{MARGIN_PERCENT + share * (100 - 2 * MARGIN_PERCENT):.2f}%"


def _y(index: int, row_height: int) -> str:
    return f"{(index + 0.5) * row_height:g}"


def _is_finite(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
