"""k-anonymity: no rater stands in a cell of device class and language with fewer than k raters.

L. Sweeney, "k-anonymity: a model for protecting privacy", Int. J. of Uncertainty, Fuzziness and
Knowledge-Based Systems 10 (5), 2002.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

from ratings.anonymity.device_classes import OTHER

# The least number of raters who share a cell.
LEAST_RATERS = 5
Cell = tuple[str, str]
_REST: Cell = (OTHER, OTHER)
Rater = TypeVar("Rater", bound=Hashable)
Told = TypeVar("Told", bound=tuple[str, ...])


def merged(cells: Mapping[Rater, Cell], least: int = LEAST_RATERS) -> dict[Rater, Cell]:
    """Return each rater's cell (device class, language), those of fewer than `least` raters merged.

    First such a cell's language becomes "other", then, where that is not enough, its device class;
    at last the smallest cells join those, until none has fewer than `least`. Fewer raters than that
    in all are in one cell, which tells nothing.
    """
    found = dict(cells)
    for wider in (lambda cell: (cell[0], OTHER), lambda cell: _REST):
        small = {cell for cell, size in Counter(found.values()).items() if size < least}
        found = {rater: wider(cell) if cell in small else cell for rater, cell in found.items()}
    sizes = Counter(found.values())
    while 0 < sizes[_REST] < least and len(sizes) > 1:
        joining = min(
            (cell for cell in sizes if cell != _REST), key=lambda cell: (sizes[cell], cell)
        )
        sizes[_REST] += sizes.pop(joining)
    return {rater: cell if cell in sizes else _REST for rater, cell in found.items()}


def rare_cells(cells: Mapping[Rater, Told], least: int = LEAST_RATERS) -> list[Told]:
    """Return the cells that fewer than `least` raters share, in order, unless all share one."""
    sizes = Counter(cells.values())
    return sorted(cell for cell, size in sizes.items() if size < least and len(sizes) > 1)


def merged_within(
    cells: Mapping[Rater, Cell], groups: Mapping[Rater, str], least: int = LEAST_RATERS
) -> dict[Rater, Cell]:
    """Return each rater's cell, merged among those of one group, or of none (see `merged`).

    So no group of `least` raters or more has a smaller cell.
    """
    told: dict[Rater, Cell] = {}
    for group in {groups.get(rater, "") for rater in cells}:
        members = {r: cell for r, cell in cells.items() if groups.get(r, "") == group}
        told |= merged(members, least)
    return told


def told_groups(groups: Mapping[Rater, str]) -> dict[Rater, str]:
    """Return the groups that join raters: to be alone in one is to have none."""
    sizes = Counter(groups.values())
    return {rater: group for rater, group in groups.items() if sizes[group] > 1}
