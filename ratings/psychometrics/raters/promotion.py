"""Promotion (ballot stuffing): raters who prefer, or refuse, one method beyond any taste."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray, Numbers
from ratings.psychometrics.raters.flags import RATE, Flag
from ratings.psychometrics.raters.overdispersion import (
    Overdispersion,
    both_sides,
    fdr,
    overdispersion,
)
from ratings.psychometrics.raters.residuals import ONE_MORE, LeaveOneRaterOut
from ratings.psychometrics.raters.tastes import Counts, taste_tails

# In standard deviations.
_BEYOND_A_COIN = 3.0
_WORTH_A_LOOK = 2.0


@dataclass(frozen=True, eq=False)
class MethodTotals:
    """What raters did for each method, arrays of shape (raters, methods).

    `won` and `usual` are its wins and what the other raters' scores expect, `judged` its
    judgments and `noise` the variance of `won - usual` by chance alone.
    """

    won: FloatArray
    usual: FloatArray
    judged: FloatArray
    noise: FloatArray

    @cached_property
    def overdispersion(self) -> Overdispersion:
        """How far each rater goes beyond the crowd's tastes for each method."""
        return overdispersion(self.won - self.usual, self.noise + ONE_MORE, self.noise)

    def message(self, residuals: LeaveOneRaterOut, group: Numbers, method: int) -> str:
        """Say what a group of raters did for a method."""
        won, usual, judged = (
            table[group, method].sum() for table in (self.won, self.usual, self.judged)
        )
        name = residuals.judgments.methods[method]
        return (
            f"{name} was preferred {won:g} times in {judged:g}; about {usual:.0f} would be usual."
        )


def method_totals(residuals: LeaveOneRaterOut) -> MethodTotals:
    """Return what raters did for each method, beside what the others' scores expect."""
    left_won = residuals.answers.left_won
    return MethodTotals(
        won=residuals.per_method(left_won, 1 - left_won),
        usual=residuals.per_method(residuals.chance, 1 - residuals.chance),
        judged=residuals.per_method(1.0, 1.0),
        noise=residuals.per_method(residuals.noise, residuals.noise),
    )


def promotion(residuals: LeaveOneRaterOut, random: Collection[int] = ()) -> list[Flag]:
    """Flag raters who prefer, or refuse, one method far beyond the crowd's tastes.

    Raters whose answers look random (`random`) seem to refuse good methods and to promote bad
    ones: of them only those are flagged who are also far from what a coin would give.
    """
    totals = method_totals(residuals)
    even = np.abs(2 * totals.won - totals.judged) <= _BEYOND_A_COIN * np.sqrt(totals.judged)
    flips = np.isin(np.arange(residuals.raters), list(random))
    p_value = np.where(flips[:, None] & even, 1.0, _p_values(residuals, totals, flips))
    return [
        Flag(
            "stuffing",
            (int(rater),),
            float(totals.overdispersion.z[rater, method]),
            float(p_value[rater, method]),
            totals.message(residuals, np.array([rater]), int(method)),
        )
        for rater, method in np.argwhere(fdr(p_value, RATE))
    ]


def _p_values(residuals: LeaveOneRaterOut, totals: MethodTotals, random: BoolArray) -> FloatArray:
    """Return each total's chance under honest taste, two-sided, shape (raters, methods)."""

    def usual(taste: float) -> FloatArray:
        left, right = (special.expit(sign * residuals.distance + taste) for sign in (1, -1))
        return residuals.per_method(left, right) / np.maximum(totals.judged, 1)

    # Tastes only widen what chance alone does: the rest can't be a discovery.
    beyond = np.abs(totals.won - totals.usual) > _WORTH_A_LOOK * np.sqrt(totals.noise)
    tails = taste_tails(Counts(totals.won, totals.judged, usual), ~random, beyond)
    return both_sides(np.minimum(*tails))
