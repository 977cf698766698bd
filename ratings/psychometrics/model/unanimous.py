"""What judgments that all went one way show: an exact test that many by one person can't pass.

Two methods of different groups (see `order`) have a likeliest distance of infinity, and no
standard error. But if the first were not ahead, it would win a judgment with a chance of at most
one half. Judgments that share neither rater nor picture are independent, however alike those of
one rater or one picture are; so k of them all go its way with a chance of at most 2^-k.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.model.win_graph import Group


@dataclass(frozen=True, eq=False)
class Won:
    """The judgments between groups, as rows: cluster, winner, loser, count, shape (rows, 4).

    They are put together by pair of groups: `by_rater[g, h]` are those that g won against h.
    """

    by_rater: dict[tuple[int, int], IntArray]
    by_picture: dict[tuple[int, int], IntArray]

    def independent(self, pair: tuple[int, int]) -> int:
        """Return how many judgments of a pair of groups are independent, at least."""
        if pair not in self.by_rater:
            return 0
        return independent(*(_sums(rows) for rows in (self.by_rater[pair], self.by_picture[pair])))

    def counted(self, pair: tuple[int, int], winners: BoolArray, losers: BoolArray) -> int:
        """Return the same of those judgments that some methods won against some others."""
        rows = (self.by_rater[pair], self.by_picture[pair])
        return independent(*(_sums(won[winners[won[:, 1]] & losers[won[:, 2]]]) for won in rows))


def won(tally: Tally, groups: Sequence[Group]) -> Won:
    """Return the judgments between groups of methods that are linked in one direction at most."""
    group = np.full(len(tally.methods), -1)
    for number, members in enumerate(groups):
        group[list(members)] = number
    return Won(_by_groups(tally.by_rater, group), _by_groups(tally.by_picture, group))


def independent(by_rater: IntArray, by_picture: IntArray) -> int:
    """Return how many judgments share neither rater nor picture, at least.

    Given are the numbers of judgments of each rater, and of each picture. It is the least number of
    raters and pictures that have all judgments among them: as many judgments of which no two share
    anything can be found (König 1931), whichever rater judged which picture.
    """
    held = np.cumsum(np.sort(np.concatenate([by_rater, by_picture]))[::-1])
    total = int(by_rater.sum())
    return int(np.searchsorted(held, total)) + 1 if total else 0


def least_chance(independent: int, level: float) -> float | None:
    """Return the lower end of the chance to win, all of so many judgments having been won.

    The interval of Clopper & Pearson (1934), whose upper end is 1; None without judgments.
    """
    return float(((1 - level) / 2) ** (1 / independent)) if independent else None


def least_lead(independent: int, level: float) -> float | None:
    """Return the same in log odds; None where even that the winner is ahead isn't sure."""
    chance = least_chance(independent, level)
    return float(special.logit(chance)) if chance and chance > 0.5 else None


def enough(level: float) -> float:
    """Return how many independent judgments tell a pair apart."""
    return float(-np.log2(1 - level))


def _by_groups(table: IntArray, group: IntArray) -> dict[tuple[int, int], IntArray]:
    """Return the rows between different groups, by groups of the winner and of the loser."""
    between = group[table[:, 1]] != group[table[:, 2]]
    cluster, first, second, by_first, by_second, _ = table[between].T
    winner, loser = np.where(by_first > 0, [first, second], [second, first])
    lines = np.column_stack([cluster, winner, loser, by_first + by_second])
    pairs = np.column_stack([group[winner], group[loser]])
    order = np.lexsort(pairs.T)
    starts = np.flatnonzero(np.diff(pairs[order], axis=0).any(axis=1)) + 1
    parts = zip(np.split(pairs[order], starts), np.split(lines[order], starts), strict=True)
    return {tuple(pair[0].tolist()): part for pair, part in parts if len(part)}


def _sums(rows: IntArray) -> IntArray:
    """Return the number of judgments of each cluster that has any."""
    sums = np.asarray(np.bincount(rows[:, 0], rows[:, 3]), np.int64)
    return sums[sums > 0]
