"""A row of small bars: which share was dropped, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from ratings.web.parts.drawing.charts import Svg, svg
from ratings.web.parts.words.formatting import percent

HEIGHT = 36


@dataclass(frozen=True)
class HourShare:
    """What came within an hour, and how much of it was dropped."""

    hour: datetime
    dropped: int
    of: int


def shares_by_hour(shares: Sequence[HourShare], of: str) -> Svg:
    """Return one bar an hour, as high as its share of all that came; a dot where none was dropped.

    `shares` holds every hour in turn; one in which nothing came has no mark.
    """
    width = 100 / max(1, len(shares))
    parts = [f'<line class="zero" x1="0" y1="{HEIGHT}" x2="100%" y2="{HEIGHT}"/>']
    for index, one in enumerate(shares):
        if not one.of:
            continue
        share = one.dropped / one.of
        title = (
            f"{one.hour:%d %b %H}:00 UTC: {one.dropped:,} of {one.of:,} {escape(of)}"
            f" ({percent(share)})"
        )
        height = max(2.0, round(share * HEIGHT, 1)) if share else 1.0
        name = "bar" if share else "bar none"
        parts.append(
            f'<rect class="{name}" x="{index * width:.3f}%" y="{HEIGHT - height:g}"'
            f' width="{width * 0.8:.3f}%" height="{height:g}"><title>{title}</title></rect>'
        )
    return svg(HEIGHT, "bars", parts)
