"""All ranked methods together: each group by its own fit, and groups by who is ahead of whom.

Within a group that judgments link both ways everything is as in a ranking of its own (`standing`).
Between groups the order is what judgments say without a distance (`win_graph`), and which of
these pairs are told apart follows from an exact test (`unanimous`), and from what scores are at
least (`score_bounds`). All share one error.
docs/scoring.md has the rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product, takewhile

import numpy as np

from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.score_bounds import beyond
from ratings.psychometrics.inference.standing import STRICT, Estimate, Standing, Ties, standing
from ratings.psychometrics.model.connectivity import Placement
from ratings.psychometrics.model.unanimous import Won, enough, won
from ratings.psychometrics.model.win_graph import reachable


@dataclass(frozen=True, eq=False)
class Field:
    """The ranked methods in order of rank, with what is known of all pairs (arrays in that order).

    `index` are their places in the tally, `group` those of their groups in `Placement.groups`,
    `standings` the groups of more than one, `scale` the one that is placed (or nothing).
    `ahead[i, j]` says that i comes before j, by the scores of their group or without a distance;
    `distinguishable`, symmetric, which pairs are told apart, all taken together;
    `independent[i, j]` counts the judgments, independent of one another, by which i is ahead of j
    in another group. `sure` is False where all judgments are by one rater or on one picture, so
    that no pair can be told apart.
    """

    methods: tuple[str, ...]
    index: IntArray
    rank: list[int]
    group: IntArray
    standings: Mapping[int, Standing]
    scale: Standing
    ahead: BoolArray
    distinguishable: BoolArray
    independent: IntArray
    sure: bool

    @property
    def ordered(self) -> bool:
        """Say whether there is a ranking and every method is told apart from the next."""
        return len(self.methods) > 1 and bool(np.diag(self.distinguishable, 1).all())


def field(
    tally: Tally,
    chosen: Placement,
    level: float,
    ties: Ties = "half",
    estimate: Estimate | None = None,
) -> Field:
    """Rank the methods that can be ranked, and tell apart all pairs at once with this level.

    An `estimate` is of the placed methods, in place of the usual one.
    """
    evidence = won(tally, chosen.groups)
    levels = _levels(chosen, evidence, level)
    standings = {
        number: standing(
            tally.keep(group),
            level,
            ties,
            levels.within[number],
            estimate if group == chosen.placed else None,
        )
        for number, group in enumerate(chosen.groups)
        if len(group) > 1
    }
    ahead, distinguishable = _within(tally, chosen, standings)
    independent = _independent(chosen, evidence, ahead & distinguishable)
    clear = ahead & distinguishable | _clear(chosen, evidence, ahead, independent, levels.between)
    scale = _scale(chosen, standings) or standing(tally.keep(()), level, ties)
    if levels.shared:
        clear |= beyond(tally, chosen, scale, 1 - levels.between)
    if len(chosen.groups) > 1:
        # A method told apart from one that is told apart from a third is so from that third.
        first, second = np.nonzero(clear)
        between = reachable(first, second, len(clear)) & chosen.ahead
        distinguishable = distinguishable | between | between.T
    rank = 1 + ahead.sum(axis=0)
    index = np.array(sorted(chosen.ranked, key=lambda i: (rank[i], i)), int)
    kept, square = tally.keep(chosen.ranked), np.ix_(index, index)
    return Field(
        methods=tuple(tally.methods[i] for i in index),
        index=index,
        rank=rank[index].tolist(),
        group=_numbers(chosen, len(tally.methods))[index],
        standings=standings,
        scale=scale,
        ahead=ahead[square],
        distinguishable=distinguishable[square],
        independent=independent[square],
        sure=min(kept.rater_clusters, kept.picture_clusters) > 1,
    )


def _numbers(chosen: Placement, size: int) -> IntArray:
    """Return the number of each method's group, (methods,)."""
    group = np.zeros(size, int)
    for number, members in enumerate(chosen.groups):
        group[list(members)] = number
    return group


@dataclass(frozen=True)
class _Levels:
    """The levels at which pairs are told apart, so that all together have that of the ranking.

    `within` each group of more than one method, and `between` any two groups; `shared` where
    there are judgments enough between some groups to give them a part of the error.
    """

    within: Mapping[int, float]
    between: float
    shared: bool


def _levels(chosen: Placement, evidence: Won, level: float) -> _Levels:
    """Share the error: half within groups, by their pairs, and half between, if there are both.

    Of the half within groups the strict band of the scale has its part. Between groups each two of
    them have an equal share, whose judgments would tell them apart if they were alone: the others
    never will, and need none.
    """
    pairs = {number: _inside(group) for number, group in enumerate(chosen.groups)}
    inside = sum(pairs.values())
    judged = [evidence.independent(pair) for pair in evidence.by_rater]
    between = sum(known >= enough(level) for known in judged)
    if not between:
        return _Levels({n: _shared(level, own, inside) for n, own in pairs.items()}, level, False)
    return _Levels(
        {n: _shared(level, own, inside / (1 / 2 - STRICT)) for n, own in pairs.items()},
        _shared(level, 1, 2 * between if inside else between),
        True,
    )


def _inside(group: tuple[int, ...]) -> int:
    return len(group) * (len(group) - 1) // 2


def _shared(level: float, own: int, all_: float) -> float:
    """Return the level of a part of the error."""
    return level if own == all_ else 1 - (1 - level) * own / all_


def _scale(chosen: Placement, standings: Mapping[int, Standing]) -> Standing | None:
    """Return the group that is placed."""
    return standings[chosen.groups.index(chosen.placed)] if chosen.placed else None


def _within(
    tally: Tally, chosen: Placement, standings: Mapping[int, Standing]
) -> tuple[BoolArray, BoolArray]:
    """Return who is ahead of whom, and which pairs in groups are told apart; (methods, methods)."""
    place = {name: i for i, name in enumerate(tally.methods)}
    ahead, distinguishable = chosen.ahead.copy(), np.zeros(chosen.ahead.shape, bool)
    for group in standings.values():
        square = np.ix_(*[[place[name] for name in group.methods]] * 2)
        rank = np.array(group.rank)
        ahead[square], distinguishable[square] = rank[:, None] < rank, group.distinguishable
    return ahead, distinguishable


def _independent(chosen: Placement, evidence: Won, clear: BoolArray) -> IntArray:
    """Return how many independent judgments say that i is ahead of j in another group.

    If i were not, it would win at most half of its judgments against j and those clearly ahead of
    j; and so would those clearly behind i. So all of theirs that were made count.
    """
    counts = np.zeros(clear.shape, np.int64)
    within = clear | np.eye(len(clear), dtype=bool)
    for pair in evidence.by_rater:
        first, other = (chosen.groups[number] for number in pair)
        for i in first:
            for j in other:
                counts[i, j] = evidence.counted(pair, within[i], within[:, j])
    return counts


def _clear(
    chosen: Placement, evidence: Won, ahead: BoolArray, independent: IntArray, level: float
) -> BoolArray:
    """Return which pairs of two groups are told apart by their judgments.

    They are looked at one after the other, the best of the one group and the worst of the other
    first, until one isn't: only the first wrong one of such a row needs to be guarded against.
    """
    clear = np.zeros(independent.shape, bool)
    for numbers in evidence.by_rater:
        one, other = (chosen.groups[number] for number in numbers)
        above = ahead[np.ix_(one, one)].sum(axis=0)
        below = ahead[np.ix_(other, other)].sum(axis=1)
        far = {
            (i, j): (above[a] + below[b], -independent[i, j])
            for (a, i), (b, j) in product(enumerate(one), enumerate(other))
        }
        for pair in takewhile(
            lambda pair: independent[pair] >= enough(level), sorted(far, key=far.__getitem__)
        ):
            clear[pair] = True
    return clear
