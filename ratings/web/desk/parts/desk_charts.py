"""The desk's charts of how a study goes: counts by hour, pair and rater, and shares."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise

from ratings.web.parts.drawing.charts import Svg, is_finite, svg

BARS_HEIGHT = 96
AXIS_HEIGHT = 32
COLUMNS_HEIGHT = 72
CELL_HEIGHT = 28
PHASE_HEIGHT = 12
# Of a distribution: as many as can be told apart on a phone.
MOST_COLUMNS = 12
# Of a matrix: what the names of its rows take; cells narrower than this hold no number.
MATRIX_NAMES_PERCENT = 38.0
MOST_NARROW = 5.0
NAME_CHARACTERS = 18


def bars_per_hour(counts: Sequence[tuple[datetime, int]]) -> Svg:
    """Return one bar an hour; `counts` holds every hour in turn, empty ones included."""
    top = max((count for _, count in counts), default=0)
    if not top:
        return svg(BARS_HEIGHT + AXIS_HEIGHT, "bars", [])
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
    return svg(BARS_HEIGHT + AXIS_HEIGHT, "bars", parts)


def hours_until(now: datetime, hours: int) -> list[datetime]:
    """Return the starts of the last `hours` hours, the running one last."""
    last = now.replace(minute=0, second=0, microsecond=0)
    return [last - timedelta(hours=back) for back in range(hours - 1, -1, -1)]


def matrix(names: Sequence[str], counts: Sequence[Sequence[int | None]]) -> Svg:
    """Return a triangle of cells, one for each pair; the darker, the more there is.

    `counts[i][j]`, j < i, is that of names i and j; None is no pair. Rows and columns are
    numbered alike; the name stands with its row.
    """
    if len(names) < 2:
        return svg(0, "matrix", [])
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
    return svg(height + 24, "matrix", parts)


def distribution(counts: Sequence[int], of: str) -> Svg:
    """Return how many of the things named `of` have how much: one column for each range.

    At most `MOST_COLUMNS` ranges, all as wide, from the least count to the most.
    """
    if not counts or not max(counts):
        return svg(0, "bars", [])
    least, most = min(counts), max(counts)
    step = -(-(most - least + 1) // MOST_COLUMNS)
    tally = [0] * ((most - least) // step + 1)
    for count in counts:
        tally[(count - least) // step] += 1
    width, room, top = 100 / len(tally), COLUMNS_HEIGHT - 16, max(tally)
    parts = [f'<line class="zero" x1="0" y1="{COLUMNS_HEIGHT}" x2="100%" y2="{COLUMNS_HEIGHT}"/>']
    for index, here in enumerate(tally):
        low, high = least + index * step, min(most, least + (index + 1) * step - 1)
        between = f"{low:,}" if low == high else f"{low:,}\N{EN DASH}{high:,}"
        x, height = index * width, round(here / top * room, 1)
        parts.append(
            f'<rect class="bar" x="{x:.3f}%" y="{COLUMNS_HEIGHT - height}"'
            f' width="{width * 0.92:.3f}%" height="{height}">'
            f"<title>{between}: {here:,} {escape(of)}</title></rect>"
        )
        if here:
            middle = f'x="{x + width * 0.46:.3f}%" text-anchor="middle"'
            parts.append(f'<text {middle} y="{COLUMNS_HEIGHT - height - 4:g}">{here:,}</text>')
    foot = COLUMNS_HEIGHT + 18
    parts.append(f'<text x="0" y="{foot}">{least:,}</text>')
    if most > least:
        parts.append(f'<text x="100%" y="{foot}" text-anchor="end">{most:,}</text>')
    return svg(COLUMNS_HEIGHT + AXIS_HEIGHT, "bars", parts)


@dataclass(frozen=True)
class Bin:
    """One column of a histogram: `count` values from `low` on, below `high`."""

    low: float
    high: float
    count: int


def binned(values: Sequence[float], low: float, high: float, columns: int) -> list[Bin]:
    """Return how many values lie in each of so many columns; the last has all beyond `high` too."""
    edges = [low + (high - low) * place / columns for place in range(columns + 1)]
    counts = [0] * columns
    for value in values:
        place = bisect_right(edges, value + 1e-9) - 1
        counts[min(max(place, 0), columns - 1)] += 1
    return [Bin(*pair, count) for pair, count in zip(pairwise(edges), counts, strict=True)]


def histogram(bins: Sequence[Bin], marks: Sequence[tuple[float, str]], of: str) -> Svg:
    """Return columns of how many things named `of` lie where, and lines at marked values.

    A mark outside of the columns is not drawn.
    """
    top = max((bin.count for bin in bins), default=0)
    if not top:
        return svg(0, "bars", [])
    low, high, width = bins[0].low, bins[-1].high, 100 / len(bins)
    parts = [f'<line class="zero" x1="0" y1="{BARS_HEIGHT}" x2="100%" y2="{BARS_HEIGHT}"/>']
    for index, bin in enumerate(bins):
        tall = round(bin.count / top * (BARS_HEIGHT - 24), 1)
        last = index == len(bins) - 1
        where = f"{bin.low:g} or more" if last else f"{bin.low:g}\N{EN DASH}{bin.high:g}"
        parts.append(
            f'<rect class="bar" x="{index * width:.3f}%" y="{BARS_HEIGHT - tall}"'
            f' width="{width * 0.9:.3f}%" height="{tall}">'
            f"<title>{where}: {bin.count:,} {escape(of)}</title></rect>"
        )
    for value, words in marks:
        share = (value - low) / (high - low)
        if 0 <= share <= 1:
            parts += _mark(f"{share:.2%}", words, to_left=share > 0.6)
    foot = f'y="{BARS_HEIGHT + 18}"'
    parts += [
        f'<text x="0" {foot}>{low:g}</text>',
        f'<text x="50%" {foot} text-anchor="middle">{(low + high) / 2:g}</text>',
        f'<text x="100%" {foot} text-anchor="end">{high:g}</text>',
    ]
    return svg(BARS_HEIGHT + AXIS_HEIGHT, "bars", parts)


def _mark(x: str, words: str, *, to_left: bool) -> list[str]:
    """Return a line at a value with what it is, on the side that has room."""
    end, shift = ("end", -4) if to_left else ("start", 4)
    return [
        f'<line class="mark" x1="{x}" y1="0" x2="{x}" y2="{BARS_HEIGHT}"/>',
        f'<svg x="{x}" overflow="visible"><text x="{shift}" y="10" text-anchor="{end}">'
        f"{escape(words)}</text></svg>",
    ]


def timeline(phases: Sequence[tuple[str, datetime, datetime]], now: datetime) -> Svg:
    """Return one bar for each named phase from its opening to its end, and a line for now."""
    instants = [at for _, opens, closes in phases for at in (opens, closes)]
    if not instants:
        return svg(0, "timeline", [])
    first, last = min(*instants, now), max(*instants, now)
    whole = (last - first).total_seconds() or 1.0

    def place(at: datetime) -> float:
        return 100 * (at - first).total_seconds() / whole

    height = len(phases) * PHASE_HEIGHT
    parts = []
    for row, (name, opens, closes) in enumerate(phases):
        y = row * PHASE_HEIGHT + 3
        left, width = place(opens), max(0.5, place(closes) - place(opens))
        kind = "live" if opens <= now < closes else "over" if closes <= now else "ahead"
        title = f"{escape(name)}: {opens:%d %b %Y} \N{EN DASH} {closes:%d %b %Y}"
        parts += [
            f'<line class="rule" x1="0" y1="{y + 3}" x2="100%" y2="{y + 3}"/>',
            f'<rect class="phase {kind}" x="{min(left, 99.5):.2f}%" y="{y}" width="{width:.2f}%"'
            f' height="6" rx="3"><title>{title}</title></rect>',
        ]
    here = f"{place(now):.2f}%"
    parts.append(f'<line class="now" x1="{here}" y1="0" x2="{here}" y2="{height}"/>')
    return svg(height, "timeline", parts)


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
    if is_finite(low) and is_finite(high):
        ends = f'x1="{low:.2%}" x2="{high:.2%}"'
        parts.append(f'<line class="interval" {ends} y1="8" y2="8"/>')
    if is_finite(value):
        parts.append(f'<circle class="point" cx="{value:.2%}" cy="8" r="4"/>')
    return svg(16, "share", parts)


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
