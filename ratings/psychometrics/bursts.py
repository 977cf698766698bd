"""Bursts: new raters, one after the other, who together push one method.

Each one's push alone may be within taste; but tastes of strangers don't add up.
"""

import numpy as np
from scipy import special

from ratings.psychometrics.excess import both_sides, discoveries, small_crowd
from ratings.psychometrics.flags import RATE, Flag
from ratings.psychometrics.judgments import JudgmentArrays
from ratings.psychometrics.seen import ONE_MORE, Seen, seen
from ratings.psychometrics.stuffing import Pushes, pushes
from ratings.psychometrics.tally import FloatArray, IntArray

# How many newcomers in a row are looked at together.
_LENGTHS = (5, 10, 20, 40, 80)
_MOST = 20


def bursts(judgments: JudgmentArrays) -> list[Flag]:
    """Flag groups of raters in a row who push one method, the strongest first.

    After each find the scores are fitted again without the group: a method that was pushed
    stands too high, and then honest raters seem to hold it down.
    """
    flags: list[Flag] = []
    while judgments.judged_at is not None and len(flags) < _MOST:
        try:
            flag = _strongest(seen(judgments))
        except ValueError:  # the rest doesn't link the methods any more
            break
        if flag is None:
            break
        flags.append(flag)
        judgments = judgments.where(~np.isin(judgments.rater, flag.raters))
    return flags


def _strongest(looked: Seen) -> Flag | None:
    pushed, newcomers = pushes(looked), _newcomers(looked.judgments)
    groups, z = _groups(pushed, newcomers)
    p_value = small_crowd(both_sides(special.ndtr(-np.abs(z))), looked.active)
    if not discoveries(p_value, RATE).any():
        return None
    number, method = np.unravel_index(np.abs(z).argmax(), z.shape)
    group = newcomers[groups[number]]
    return Flag(
        "burst",
        tuple(group.tolist()),
        float(z[number, method]),
        float(p_value[number, method]),
        f"One of {len(group)} raters who came one after the other: "
        + pushed.words(looked, group, int(method)),
    )


def _newcomers(judgments: JudgmentArrays) -> IntArray:
    """Return the raters with judgments in the order of their first ones."""
    assert judgments.judged_at is not None
    order = np.argsort(judgments.judged_at, kind="stable")
    raters, first = np.unique(judgments.rater[order], return_index=True)
    return raters[np.argsort(first)]


def _groups(pushed: Pushes, newcomers: IntArray) -> tuple[list[slice], FloatArray]:
    """Return all groups of raters in a row, and how far each pushes each method (as z)."""
    push, noise = (pushed.won - pushed.usual)[newcomers], pushed.noise[newcomers]
    variance = noise + (pushed.excess.spread * noise) ** 2
    start = np.zeros((1, push.shape[1]))
    total, error = (np.vstack([start, value.cumsum(axis=0)]) for value in (push, variance))
    # A group as large as half the crowd has nothing to stand out from.
    lengths = [length for length in _LENGTHS if 2 * length <= len(newcomers)]
    groups = [slice(i, i + n) for n in lengths for i in range(len(newcomers) - n + 1)]
    ends = np.array([(group.start, group.stop) for group in groups], np.int64).reshape(-1, 2)
    spread = np.sqrt(error[ends[:, 1]] - error[ends[:, 0]] + ONE_MORE)
    return groups, (total[ends[:, 1]] - total[ends[:, 0]]) / spread
