"""Tables in Markdown, and docs/validation.md, which benchmarks write theirs into.

A table of the page stands between `<!-- table: NAME NUMBER -->` and `<!-- end -->`, under it when
and how it was measured. NAME is the benchmark that prints it, NUMBER which of its tables it is.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "validation.md"
BLOCK = re.compile(r"<!-- table: (\w+) (\d+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def print_header(columns: str) -> None:
    """Print a table's head from its columns, which bars set apart."""
    print(f"| {columns} |")
    print("| --- " * (columns.count("|") + 1) + "|", flush=True)


def print_row(cells: Sequence[str]) -> None:
    """Print a row at once, since the next one may take minutes."""
    print("| " + " ".join(f"{cell} |" if cell else "|" for cell in cells), flush=True)


def percent(share: float, digits: int = 0) -> str:
    """Return a share in per cent, as the page writes it: 4.5 %."""
    return f"{100 * share:.{digits}f} %"


def tables(printed: Sequence[str]) -> list[str]:
    """Return the tables among printed lines, in their order."""
    runs = groupby(printed, key=lambda line: line.startswith("|"))
    return ["".join(lines) for is_table, lines in runs if is_table]


def filled(page: str, name: str, tables: Sequence[str], caption: str) -> str:
    """Return the page with a benchmark's tables in their places.

    Raises ValueError where the page has other places for it than these tables need.
    """
    places = [int(number) for who, number, _ in BLOCK.findall(page) if who == name]
    if places != list(range(1, len(tables) + 1)):
        raise ValueError(f"{name} printed {len(tables)} tables; the page has places {places}.")

    def block(match: re.Match[str]) -> str:
        if match[1] != name:
            return match[0]
        head = f"<!-- table: {name} {match[2]} -->\n"
        return f"{head}{tables[int(match[2]) - 1]}\n*{caption}*\n<!-- end -->\n"

    return BLOCK.sub(block, page)
