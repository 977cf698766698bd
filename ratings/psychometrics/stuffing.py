"""Vote stuffing: raters who push one method beyond any taste."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from ratings.psychometrics.excess import (
    Excess,
    both_sides,
    count_tail,
    discoveries,
    excess,
    small_crowd,
)
from ratings.psychometrics.flags import RATE, Flag
from ratings.psychometrics.seen import ONE_MORE, Seen
from ratings.psychometrics.tally import FloatArray, IntArray

# In standard deviations.
_BEYOND_A_COIN = 3.0


@dataclass(frozen=True, eq=False)
class Pushes:
    """What raters did for each method, arrays of shape (raters, methods).

    `won` and `usual` are its wins and what the other raters' scores expect, `judged` its
    judgments and `noise` the variance of `won - usual` by chance alone.
    """

    won: FloatArray
    usual: FloatArray
    judged: FloatArray
    noise: FloatArray

    @cached_property
    def excess(self) -> Excess:
        """How far each rater pushes each method, given the crowd's tastes."""
        return excess(self.won - self.usual, self.noise + ONE_MORE, self.noise)

    def words(self, looked: Seen, group: IntArray, method: int) -> str:
        """Say what a group of raters did for a method."""
        won, usual, judged = (
            table[group, method].sum() for table in (self.won, self.usual, self.judged)
        )
        name = looked.judgments.methods[method]
        return (
            f"{name} was preferred {won:g} times in {judged:g}; about {usual:.0f} would be usual."
        )


def pushes(looked: Seen) -> Pushes:
    """Return what raters did for each method, beside what the others' scores expect."""
    left_won, ones = looked.judgments.left_won, np.ones(len(looked.judgments))
    return Pushes(
        won=looked.per_method(left_won, 1 - left_won),
        usual=looked.per_method(looked.chance, 1 - looked.chance),
        judged=looked.per_method(ones, ones),
        noise=looked.per_method(looked.noise, looked.noise),
    )


def stuffing(looked: Seen, random: Collection[int] = ()) -> list[Flag]:
    """Flag raters who prefer, or refuse, one method far beyond the crowd's tastes.

    Those whose answers look random seem to refuse good methods and to push bad ones: of them
    only those are flagged who are also far from what a coin would give.
    """
    pushed = pushes(looked)
    even = np.abs(2 * pushed.won - pushed.judged) <= _BEYOND_A_COIN * np.sqrt(pushed.judged)
    flips = np.isin(np.arange(looked.raters), list(random))
    p_value = np.where(flips[:, None] & even, 1.0, _p_values(looked, pushed))
    return [
        Flag(
            "stuffing",
            (int(rater),),
            float(pushed.excess.z[rater, method]),
            float(p_value[rater, method]),
            pushed.words(looked, np.array([rater]), int(method)),
        )
        for rater, method in np.argwhere(discoveries(p_value, RATE))
    ]


def _p_values(looked: Seen, pushed: Pushes) -> FloatArray:
    """Return the chance of each push from an honest rater with a taste, two-sided."""

    def usual(taste: float) -> FloatArray:
        left, right = (special.expit(sign * looked.distance + taste) for sign in (1, -1))
        return looked.per_method(left, right) / np.maximum(pushed.judged, 1)

    won, judged = pushed.won, pushed.judged
    tails = (
        count_tail(won, judged, usual, pushed.excess),
        count_tail(judged - won, judged, lambda taste: 1 - usual(taste), pushed.excess),
    )
    return small_crowd(both_sides(np.minimum(*tails)), looked.active)
