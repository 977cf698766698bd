"""Tables as plain text: columns as wide as their widest cell."""

import unicodedata
from collections.abc import Sequence


def aligned(cells: Sequence[Sequence[str]], name: int) -> list[str]:
    """Return the lines of a table; the column `name` is set to the left, all others right."""
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            _padded(text, width, to_left=place == name)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def _padded(text: str, width: int, to_left: bool) -> str:
    room = " " * (width - _width(text))
    return text + room if to_left else room + text


def _width(text: str) -> int:
    """Return the columns of a terminal that a text takes: two for wide letters, none for marks."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else not unicodedata.combining(letter)
        for letter in text
    )


def cell(value: str | int | float | None, decimals: int) -> str:
    """Return a value as text; nothing is a dash."""
    if value is None:
        return "-"
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)
