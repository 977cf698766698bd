"""How much so few decided judgments can't rule out: ties alone say little of who would decide.

Where everybody answers "no difference" the residuals are 0, and so is every variance made of them.
Yet with K independent judgments of which none was decided, a share of 3 / K of all raters may
decide (the rule of three, 95 %: Hanley & Lippman-Hand 1983), and each of them for one side always.
"""

import numpy as np

from ratings.psychometrics.arrays import IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.model.unanimous import independent

# From so many independent decided judgments on, the variance that they show is taken as it is.
ENOUGH_DECIDED = 6
# Counts by rater and by picture, as in `Tally`.
Tables = tuple[IntArray, IntArray]


def undecided_variance(tally: Tally) -> float:
    """Return the least variance of a direction, where 1 is that of independent even judgments.

    Three unseen clusters of n / K judgments that all go one way have 3 n / K^2 at most, by Cauchy
    and Schwarz. The method of which least is known says how large that is. It is 0 where judgments
    enough were decided, or as many as can be, and falls evenly until then.
    """
    whole = tally.by_rater, tally.by_picture
    decided, enough = _independent(whole, slice(3, 5)), ENOUGH_DECIDED
    if decided < enough:
        enough = min(enough, _independent(whole, slice(3, 6)))
    if decided >= enough:
        return 0.0
    share = 1 - decided / enough
    return share * 3 * max(_unseen(_of_method(whole, i)) for i in range(len(tally.methods)))


def _of_method(tables: Tables, method: int) -> Tables:
    """Return the rows of a method."""
    of_raters, of_pictures = (rows[(rows[:, 1:3] == method).any(axis=1)] for rows in tables)
    return of_raters, of_pictures


def _unseen(tables: Tables) -> float:
    """Return n / K^2 of some judgments."""
    judged = int(tables[0][:, 3:].sum())
    return judged / _independent(tables, slice(3, 6)) ** 2


def _independent(tables: Tables, counts: slice) -> int:
    """Return how many judgments with some outcomes share neither rater nor picture, at least."""
    return independent(*(_sums(rows, counts) for rows in tables))


def _sums(rows: IntArray, counts: slice) -> IntArray:
    """Return the number of such judgments of each cluster that has any."""
    sums = np.bincount(rows[:, 0], rows[:, counts].sum(axis=1)).astype(np.int64)
    return sums[sums > 0]
