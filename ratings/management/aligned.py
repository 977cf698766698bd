"""Tables as plain text: columns as wide as their widest cell."""

from collections.abc import Sequence


def aligned(cells: Sequence[Sequence[str]], name: int) -> list[str]:
    """Return the lines of a table; the column `name` is set to the left, all others right."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == name else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def cell(value: str | int | float | None, decimals: int) -> str:
    """Return a value as text; nothing is a dash."""
    if value is None:
        return "-"
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)
