"""Collusion: pairs of raters whose answers agree on shared trials far more than raters do."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.judgment_arrays import TIE
from ratings.psychometrics.model.bradley_terry import win_probabilities
from ratings.psychometrics.raters.agreement import preferred_first, shared_units
from ratings.psychometrics.raters.flags import RATE, Flag
from ratings.psychometrics.raters.overdispersion import (
    count_tail,
    fdr,
    pooled_overdispersion,
    t_reference,
)
from ratings.psychometrics.raters.residuals import LeaveOneRaterOut


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of raters who share trials, one entry each.

    `first` and `second` are the raters, `shared` and `agreed` count trials; `expected` is the
    agreement of independent raters with its variance `noise`, and `likeness` how much it grows
    with the variance of what raters see alike (in log odds).
    """

    first: IntArray
    second: IntArray
    shared: FloatArray
    agreed: FloatArray
    expected: FloatArray
    noise: FloatArray
    likeness: FloatArray


def collusion(residuals: LeaveOneRaterOut) -> list[Flag]:
    """Flag pairs of raters who give the same answers to the same trials.

    Two raters who decide independently agree with probability a = 1 - 2 p (1 - p). On pictures
    with a difficulty of their own all agree more often, and raters of one taste do: the centre
    and the spread of what all pairs show allow for both. Ties are left out.
    """
    pairs = _pairs(residuals)
    dispersion = pooled_overdispersion(pairs.agreed - pairs.expected, pairs.noise, pairs.likeness)

    def usual(likeness: float) -> FloatArray:
        agreed = pairs.expected + likeness * pairs.likeness
        return np.clip(agreed / np.maximum(pairs.shared, 1), 0, 1)

    p_value = count_tail(pairs.agreed, pairs.shared, usual, dispersion)
    p_value = t_reference(p_value, len(pairs.first))
    about = usual(dispersion.centre) * pairs.shared
    names = residuals.judgments.raters
    return [
        Flag(
            "copy",
            (int(pairs.first[pair]), int(pairs.second[pair])),
            float(dispersion.z[pair]),
            float(p_value[pair]),
            f"{names[pairs.first[pair]]} and {names[pairs.second[pair]]} gave the same answer "
            f"to {pairs.agreed[pair]:.0f} of {pairs.shared[pair]:.0f} shared trials; about "
            f"{about[pair]:.0f} would be usual.",
        )
        for pair in np.flatnonzero(fdr(p_value, RATE))
    ]


def _pairs(residuals: LeaveOneRaterOut) -> _Pairs:
    """Compare all raters who share trials: products of sparse matrices, raters by trials."""
    judgments = residuals.judgments
    unit, once = shared_units(judgments)
    preferred = preferred_first(judgments)
    once = once[preferred[once] != TIE]
    unit, preferred, rater = unit[once], preferred[once], judgments.rater[once]
    p = win_probabilities(residuals.score)[judgments.left[once], judgments.right[once]]
    agree = 1 - 2 * p * (1 - p)
    shape = (residuals.raters, int(unit.max(initial=-1)) + 1)

    def together(first: FloatArray, second: FloatArray) -> FloatArray:
        """Add up a product over the trials that two raters share, shape (raters, raters)."""
        rows = [sparse.csr_array((value, (rater, unit)), shape=shape) for value in (first, second)]
        return np.asarray((rows[0] @ rows[1].T).toarray(), np.float64)

    ones, side = np.ones(len(unit)), 2.0 * preferred - 1
    shared = together(ones, ones)
    first, second = np.nonzero(np.triu(shared, 1))
    return _Pairs(
        first=first,
        second=second,
        shared=shared[first, second],
        agreed=((shared + together(side, side)) / 2)[first, second],
        expected=together(agree, ones)[first, second],
        noise=together(agree * (1 - agree), ones)[first, second],
        likeness=together(2 * (p * (1 - p)) ** 2, ones)[first, second],
    )
