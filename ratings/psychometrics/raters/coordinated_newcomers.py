"""Coordinated newcomers: new raters, one after the other, who together promote one method.

What each of them does may be within taste; but tastes of strangers don't add up. How far groups
of strangers go is told by the same raters in other orders (a permutation test, Pitman 1937),
whatever their tastes and however much each has judged.
"""

import numpy as np

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.judgment_arrays import LEFT_WON, JudgmentArrays
from ratings.psychometrics.raters.flags import RATE, Flag
from ratings.psychometrics.raters.promotion import MethodTotals, method_totals
from ratings.psychometrics.raters.residuals import ONE_MORE, LeaveOneRaterOut, leave_one_rater_out

# How many newcomers in a row are tested together.
_LENGTHS = (5, 10, 20, 40, 80)
_MOST = 20
_ORDERS = 299
# No rater counts for more than this many standard deviations: a group is many who do the same.
_MOST_OF_ONE = 2.0


def coordinated_newcomers(judgments: JudgmentArrays) -> list[Flag]:
    """Flag groups of raters in a row who promote one method, the strongest first.

    After each group the scores are fitted again without it: a method that was promoted stands
    too high, and then honest raters seem to hold it down.
    """
    flags: list[Flag] = []
    while judgments.judged_at is not None and len(flags) < _MOST:
        try:
            flag = _strongest(leave_one_rater_out(judgments))
        except ValueError:  # the rest doesn't link the methods any more
            break
        if flag is None:
            break
        flags.append(flag)
        judgments = judgments.where(~np.isin(judgments.rater, flag.raters))
    return flags


def _strongest(residuals: LeaveOneRaterOut) -> Flag | None:
    totals, newcomers = method_totals(residuals), _newcomers(residuals.judgments)
    beyond, variance = _beyond(residuals, totals, newcomers)
    groups, most = _groups(len(newcomers)), _MOST_OF_ONE * np.sqrt(variance)
    if not len(groups):
        return None
    clipped = np.clip(beyond, -most, most)
    p_value, usual = _by_order(clipped, variance, groups)
    if p_value > RATE:
        return None
    # Of the groups that no other order makes, that which goes farthest as a whole.
    stands_out = np.abs(_distances(clipped, variance, groups)) > usual
    z = _distances(beyond, variance, groups)
    number, method = np.unravel_index(np.where(stands_out, np.abs(z), 0).argmax(), z.shape)
    group = newcomers[slice(*groups[number])]
    return Flag(
        "burst",
        tuple(group.tolist()),
        float(z[number, method]),
        p_value,
        f"One of {len(group)} raters who came one after the other: "
        + totals.message(residuals, group, int(method))
        + " Of the same raters in other orders hardly any group goes so far.",
    )


def _newcomers(judgments: JudgmentArrays) -> Numbers:
    """Return the raters with judgments in the order of their first ones."""
    assert judgments.judged_at is not None
    order = np.argsort(judgments.judged_at, kind="stable")
    raters, first = np.unique(judgments.rater[order], return_index=True)
    return raters[np.argsort(first)]


def _beyond(
    residuals: LeaveOneRaterOut, totals: MethodTotals, newcomers: Numbers
) -> tuple[FloatArray, FloatArray]:
    """Return what newcomers did for each method beyond the usual, and its variance.

    Shapes (newcomers, methods). What a picture does for a method is not theirs, nor what all do.
    """
    noise = totals.noise
    beyond = totals.won - totals.usual - _by_pictures(residuals)
    beyond -= noise * (beyond.sum(axis=0) / np.maximum(noise.sum(axis=0), 1e-9))
    variance = noise + (totals.overdispersion.heterogeneity * noise) ** 2
    return beyond[newcomers], variance[newcomers]


def _by_pictures(residuals: LeaveOneRaterOut) -> FloatArray:
    """Return what of each rater's totals is expected by the pictures they saw, (raters, methods).

    Raters who come together may see the same pictures. A picture's effect on a method is its own
    mean residual, shrunk by how much pictures differ (a moment estimate).
    """
    judgments, size = residuals.judgments, len(residuals.judgments.methods)
    without, rater = residuals.by_rater.without, judgments.rater
    left, right = judgments.left.astype(np.int64), judgments.right.astype(np.int64)
    chance = 1 / (1 + np.exp(without[rater, right] - without[rater, left]))
    residual, noise = LEFT_WON[judgments.choice] - chance, chance * (1 - chance)
    cells = [judgments.image.astype(np.int64) * size + method for method in (left, right)]
    shape = len(judgments.images) * size
    total, information = (
        np.bincount(cells[0], of_left, minlength=shape)
        + np.bincount(cells[1], of_right, minlength=shape)
        for of_left, of_right in ((residual, -residual), (noise, noise))
    )
    spread = max(0.0, float((total**2 - information).sum() / max((information**2).sum(), 1e-9)))
    effect = spread * total / (1 + spread * information)
    expected = np.zeros(residuals.raters * size)
    for cell, method in zip(cells, (left, right), strict=True):
        place = rater.astype(np.int64) * size + method
        expected += np.bincount(place, noise * effect[cell], minlength=len(expected))
    return expected.reshape(residuals.raters, size)


def _groups(raters: int) -> Numbers:
    """Return the first and the end of all groups in a row, shape (groups, 2).

    A group as large as half the crowd has nothing to stand out from.
    """
    lengths = [length for length in _LENGTHS if 2 * length <= raters]
    ends = [(first, first + n) for n in lengths for first in range(raters - n + 1)]
    return np.array(ends, np.int64).reshape(-1, 2)


def _distances(beyond: FloatArray, variance: FloatArray, groups: Numbers) -> FloatArray:
    """Return how far groups go for each method, standardized, shape (groups, methods)."""
    start = np.zeros((1, beyond.shape[1]))
    total, square = (np.vstack([start, value.cumsum(axis=0)]) for value in (beyond, variance))
    first, end = groups.T
    return np.asarray(
        (total[end] - total[first]) / np.sqrt(square[end] - square[first] + ONE_MORE), np.float64
    )


def _by_order(beyond: FloatArray, variance: FloatArray, groups: Numbers) -> tuple[float, float]:
    """Return the share of orders in which some group goes as far, and how far `RATE` of them go.

    No more orders are tried when the share can't be `RATE` any more (Besag & Clifford 1991).
    """
    found = np.abs(_distances(beyond, variance, groups)).max()
    rng, allowed = np.random.default_rng(len(beyond)), int(RATE * (_ORDERS + 1)) - 1
    farthest: list[float] = []
    while len(farthest) < _ORDERS and sum(far >= found for far in farthest) <= allowed:
        order = rng.permutation(len(beyond))
        farthest.append(float(np.abs(_distances(beyond[order], variance[order], groups)).max()))
    as_far = 1 + sum(far >= found for far in farthest)
    usual = sorted(farthest)[-allowed - 1] if len(farthest) > allowed else np.inf
    return as_far / (len(farthest) + 1), float(usual)
