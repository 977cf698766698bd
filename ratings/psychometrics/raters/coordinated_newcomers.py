"""Coordinated newcomers: new raters, one after the other, who together promote one method.

What each of them does may be within taste; but tastes of strangers don't add up.
"""

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.raters.flags import RATE, Flag
from ratings.psychometrics.raters.overdispersion import both_sides, fdr, t_reference
from ratings.psychometrics.raters.promotion import MethodTotals, method_totals
from ratings.psychometrics.raters.residuals import ONE_MORE, LeaveOneRaterOut, leave_one_rater_out

# How many newcomers in a row are tested together.
_LENGTHS = (5, 10, 20, 40, 80)
_MOST = 20


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
    groups, z = _groups(totals, newcomers)
    p_value = t_reference(both_sides(special.ndtr(-np.abs(z))), residuals.active)
    if not fdr(p_value, RATE).any():
        return None
    number, method = np.unravel_index(np.abs(z).argmax(), z.shape)
    group = newcomers[groups[number]]
    return Flag(
        "burst",
        tuple(group.tolist()),
        float(z[number, method]),
        float(p_value[number, method]),
        f"One of {len(group)} raters who came one after the other: "
        + totals.message(residuals, group, int(method)),
    )


def _newcomers(judgments: JudgmentArrays) -> Numbers:
    """Return the raters with judgments in the order of their first ones."""
    assert judgments.judged_at is not None
    order = np.argsort(judgments.judged_at, kind="stable")
    raters, first = np.unique(judgments.rater[order], return_index=True)
    return raters[np.argsort(first)]


def _groups(totals: MethodTotals, newcomers: Numbers) -> tuple[list[slice], FloatArray]:
    """Return all groups of raters in a row, and their z by method, shape (groups, methods)."""
    beyond, noise = (totals.won - totals.usual)[newcomers], totals.noise[newcomers]
    variance = noise + (totals.overdispersion.heterogeneity * noise) ** 2
    start = np.zeros((1, beyond.shape[1]))
    total, variance = (np.vstack([start, value.cumsum(axis=0)]) for value in (beyond, variance))
    # A group as large as half the crowd has nothing to stand out from.
    lengths = [length for length in _LENGTHS if 2 * length <= len(newcomers)]
    groups = [slice(i, i + n) for n in lengths for i in range(len(newcomers) - n + 1)]
    ends = np.array([(group.start, group.stop) for group in groups], np.int64).reshape(-1, 2)
    error = np.sqrt(variance[ends[:, 1]] - variance[ends[:, 0]] + ONE_MORE)
    return groups, (total[ends[:, 1]] - total[ends[:, 0]]) / error
