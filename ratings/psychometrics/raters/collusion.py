"""Collusion: pairs of raters whose answers agree on shared trials far more than raters do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.judgment_arrays import TIE
from ratings.psychometrics.model.bradley_terry import win_probabilities
from ratings.psychometrics.raters.flags import RATE, Flag
from ratings.psychometrics.raters.overdispersion import (
    count_tail,
    fdr,
    pooled_overdispersion,
    t_reference,
)
from ratings.psychometrics.raters.residuals import LeaveOneRaterOut
from ratings.psychometrics.raters.shared_trials import trial_answers

# All pairs of some thousand raters would take gigabytes: so many are compared, a block of raters
# with all at a time, of so many cells.
_MOST_PAIRS = 1_000_000
_CELLS = 1_000_000


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of raters who share trials, one entry each.

    `first` and `second` are the raters, `shared` and `agreed` count trials; `expected` is the
    agreement of independent raters with its variance `noise`, and `likeness` how much it grows
    with the variance of what raters see alike (in log odds).
    """

    first: Numbers
    second: Numbers
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
    """Compare raters who share trials: products of sparse matrices, raters by trials.

    Where more than `_MOST_PAIRS` do, those who share the most trials: with fewer, hardly any
    agreement would stand out among so many pairs.
    """
    answers = trial_answers(residuals.judgments)
    p = win_probabilities(residuals.score)[answers.first, answers.second]
    shape, chosen = (residuals.raters, len(p)), answers.preferred != TIE
    places = answers.rater[chosen].astype(np.int32), answers.trial[chosen].astype(np.int32)

    def by_trial(value: NDArray[Any]) -> sparse.csr_array:
        return sparse.csr_array((value, places), shape=shape)

    side = by_trial(2 * answers.preferred[chosen].astype(np.float32) - 1)
    turned, differ = side.T.tocsr(), (p * (1 - p))[places[1]]
    ones = abs(turned)
    # What is added up over the trials that two raters share: the first of these, times the second.
    factors = [(abs(side), ones), (side, turned)]
    factors += [(by_trial(value), ones) for value in (differ, differ**2)]
    least = _least_shared(*factors[0])
    blocks = [_block(factors, first, least) for first in _blocks(residuals.raters)]
    columns = [list(column) for column in zip(*blocks, strict=True)][::-1]
    del factors, blocks, side, turned, ones
    first, second, shared, alike, differ, squared = (
        np.concatenate(columns.pop()) for _ in range(len(columns))
    )
    # Two raters agree with probability 1 - 2 p (1 - p).
    return _Pairs(
        first=first,
        second=second,
        shared=shared,
        agreed=(shared + alike) / 2,
        expected=shared - 2 * differ,
        noise=2 * differ - 4 * squared,
        likeness=2 * squared,
    )


def _blocks(raters: int) -> list[slice]:
    """Return raters in blocks, each small enough to be compared with all at once."""
    step = max(1, _CELLS // max(1, raters))
    return [slice(start, start + step) for start in range(0, max(1, raters), step)]


def _block(
    factors: Sequence[tuple[sparse.csr_array, sparse.csr_array]], rows: slice, least: int
) -> list[Any]:
    """Return the pairs of a block's raters with later ones: both raters, then a sum a factor."""
    first, second = np.nonzero(_together(*factors[0], rows) >= least)
    sums = [_together(*pair, rows)[first, second].astype(np.float64) for pair in factors]
    return [*((rater + rows.start).astype(np.int32) for rater in (first, second)), *sums]


def _together(one: sparse.csr_array, other: sparse.csr_array, rows: slice) -> NDArray[Any]:
    """Add up a product over shared trials, for some raters with those from them on.

    `other` has trials by raters. Shape (rows, raters from the first of these on), 0 for those
    before a rater and for the rater.
    """
    return np.triu((one[rows] @ other[:, rows.start :]).toarray(), 1)


def _least_shared(ones: sparse.csr_array, other: sparse.csr_array) -> int:
    """Return how many trials a pair has to share: so many that at most `_MOST_PAIRS` do."""
    raters, trials = ones.shape
    if raters * (raters - 1) // 2 <= _MOST_PAIRS:
        return 1
    count = np.zeros(trials + 1, np.int64)
    for rows in _blocks(raters):
        shared = _together(ones, other, rows).astype(np.int32)
        count += np.bincount(shared.ravel(), minlength=len(count))
    at_least = count[:0:-1].cumsum()[::-1]  # of one trial on
    return 1 + int(np.argmax(np.append(at_least, 0) <= _MOST_PAIRS))
