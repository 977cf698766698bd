"""How much a ranking changes when it is fitted to other answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Sensitivity:
    """What a second set of scores changes: among the `methods` that both have.

    `swapped` counts the pairs whose order is the opposite one (equals have no order), by ranks of
    methods without a score too; `largest_move` is the largest change of a score, that of `moved`,
    each set having a mean of 0 over these methods. None with fewer than two of them.
    """

    methods: int
    swapped: int
    largest_move: float | None
    moved: str | None


def sensitivity(
    published: Mapping[str, float],
    other: Mapping[str, float],
    ranks: tuple[Mapping[str, int], Mapping[str, int]] | None = None,
) -> Sensitivity:
    """Compare the scores of methods by name; the order of either mapping makes no difference.

    `ranks` are those of both rankings, by default in the order of scores.
    """
    both = sorted(published.keys() & other.keys())
    swapped = _swapped(*(ranks or (published, other)))
    if len(both) < 2:
        return Sensitivity(len(both), swapped, None, None)
    before, after = (_centred(scores, both) for scores in (published, other))
    moves = {name: abs(after[name] - before[name]) for name in both}
    moved = max(both, key=lambda name: moves[name])
    return Sensitivity(len(both), swapped, moves[moved], moved)


def _swapped(before: Mapping[str, float], after: Mapping[str, float]) -> int:
    pairs = combinations(before.keys() & after.keys(), 2)
    return sum((before[a] - before[b]) * (after[a] - after[b]) < 0 for a, b in pairs)


def _centred(scores: Mapping[str, float], names: list[str]) -> dict[str, float]:
    mean = sum(scores[name] for name in names) / len(names)
    return {name: scores[name] - mean for name in names}
