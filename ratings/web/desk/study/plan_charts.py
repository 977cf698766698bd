"""Curves over numbers of judgments, on a logarithmic axis."""

import math
from collections.abc import Sequence
from html import escape

from ratings.web.parts.drawing.charts import Svg, axis_ticks, svg

HEIGHT = 200
FOOT = 36
# What the numbers beside the vertical axis take.
LEFT_PERCENT = 9.0
# Numbers below the axis that a phone has room for.
MOST_BELOW = 4


def curve(
    points: Sequence[tuple[int, float]], unit: str, line: tuple[float, str] | None = None
) -> Svg:
    """Return a curve through points (judgments, value), with `unit` in their titles.

    `line` is a value that is marked from side to side, and what it is.
    """
    if len(points) < 2:
        return svg(0, "curve", [])
    top = max([value for _, value in points] + ([line[0]] if line else [])) or 1.0
    first, last = (math.log(points[end][0]) for end in (0, -1))

    def x(judgments: int) -> float:
        share = (math.log(judgments) - first) / (last - first)
        return LEFT_PERCENT + share * (98 - LEFT_PERCENT)

    def y(value: float) -> float:
        return HEIGHT - value / top * (HEIGHT - 16)

    parts = [_grid(tick, y(tick)) for tick in axis_ticks(0, top)]
    if line:
        parts.append(_limit(line[1], y(line[0])))
    drawn = " ".join(f"{x(judgments):.2f},{y(value):.1f}" for judgments, value in points)
    parts.append(
        f'<svg width="100%" height="{HEIGHT}" viewBox="0 0 100 {HEIGHT}"'
        f' preserveAspectRatio="none"><polyline class="line" points="{drawn}"/></svg>'
    )
    for judgments, value in points:
        title = f"{judgments:,} judgments: {value:.3g} {escape(unit)}"
        parts.append(
            f'<circle class="point" cx="{x(judgments):.2f}%" cy="{y(value):.1f}" r="4">'
            f"<title>{title}</title></circle>"
        )
    parts += [_number(judgments, x(judgments)) for judgments in _labelled(points)]
    return svg(HEIGHT + FOOT, "curve", parts)


def _labelled(points: Sequence[tuple[int, float]]) -> list[int]:
    """Return the numbers that stand below the axis, evenly apart, the last one among them."""
    step = math.ceil(len(points) / MOST_BELOW)
    return [judgments for judgments, _ in points[::-1][::step]][::-1]


def _grid(tick: float, y: float) -> str:
    line = f'<line class="grid" x1="{LEFT_PERCENT}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text x="0" y="{y + 4:.1f}">{tick:g}</text>'


def _limit(words: str, y: float) -> str:
    ends = f'x1="{LEFT_PERCENT}%" x2="100%" y1="{y:.1f}" y2="{y:.1f}"'
    text = f'<text x="{LEFT_PERCENT + 1}%" y="{y - 6:.1f}">{escape(words)}</text>'
    return f'<line class="mark" {ends}/>{text}'


def _number(judgments: int, x: float) -> str:
    anchor = "end" if x > 90 else "middle"
    return f'<text x="{x:.2f}%" y="{HEIGHT + 20}" text-anchor="{anchor}">{judgments:,}</text>'
