"""Vote stuffing: raters, or bursts of new raters, who push one method beyond any taste."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.excess import both_sides, count_tail, discoveries, excess, small_crowd
from ratings.psychometrics.flags import ONE_MORE, RATE, Flag, Seen
from ratings.psychometrics.tally import FloatArray, IntArray

# How many newcomers in a row are looked at together.
_BURSTS = (5, 10, 20, 40, 80)


@dataclass(frozen=True, eq=False)
class _Pushes:
    """What raters did for each method, shape (raters, methods).

    `won` and `usual` are its wins and what the other raters' scores expect, `judged` its
    judgments; `noise` is the variance by chance alone, `spread` that of tastes per squared
    noise, `z` the standardized push and `p_value` the chance of one so large, either way.
    """

    won: FloatArray
    usual: FloatArray
    judged: FloatArray
    noise: FloatArray
    spread: float
    z: FloatArray
    p_value: FloatArray


def pushes(looked: Seen) -> _Pushes:
    """Return how far each rater pushes each method."""
    judgments = looked.judgments
    size = len(judgments.methods)
    left = judgments.rater * size + judgments.left
    right = judgments.rater * size + judgments.right
    cells = looked.raters * size

    def both(of_left: FloatArray, of_right: FloatArray) -> FloatArray:
        total = np.bincount(left, of_left, minlength=cells)
        total = total + np.bincount(right, of_right, minlength=cells)
        return np.asarray(total, np.float64).reshape(looked.raters, size)

    ones = np.ones(len(judgments))
    won = both(judgments.left_won, 1 - judgments.left_won)
    usual = both(looked.chance, 1 - looked.chance)
    noise = both(looked.noise, looked.noise)
    judged = both(ones, ones)
    found = excess(won - usual, noise + ONE_MORE, noise)

    def chance(taste: float) -> FloatArray:
        towards = [special.expit(sign * looked.distance + taste) for sign in (1, -1)]
        return both(towards[0], towards[1]) / np.maximum(judged, 1)

    tails = (
        count_tail(won, judged, chance, found),
        count_tail(judged - won, judged, lambda taste: 1 - chance(taste), found),
    )
    p_value = small_crowd(both_sides(np.minimum(*tails)), looked.active)
    return _Pushes(won, usual, judged, noise, found.spread**2, found.z, p_value)


def stuffing(looked: Seen, pushed: _Pushes) -> list[Flag]:
    """Flag raters who prefer, or refuse, one method far beyond the crowd's tastes."""
    return [
        Flag(
            "stuffing",
            (int(rater),),
            float(pushed.z[rater, method]),
            float(pushed.p_value[rater, method]),
            _words(looked, pushed, np.array([rater]), int(method)),
        )
        for rater, method in np.argwhere(discoveries(pushed.p_value, RATE))
    ]


def bursts(looked: Seen, pushed: _Pushes) -> list[Flag]:
    """Flag groups of raters who came one after the other and push one method together.

    Each rater's push alone may be within taste; tastes of strangers don't add up.
    """
    judged_at = looked.judgments.judged_at
    if judged_at is None:
        return []
    order = np.argsort(judged_at, kind="stable")
    raters, first = np.unique(looked.judgments.rater[order], return_index=True)
    newcomers = raters[np.argsort(first)]
    groups, z = _groups(pushed, newcomers)
    p_value = small_crowd(both_sides(special.ndtr(-np.abs(z))), looked.active)
    standing = np.argwhere(discoveries(p_value, RATE)).tolist()
    strongest = sorted(standing, key=lambda place: -abs(float(z[place[0], place[1]])))
    flags: list[Flag] = []
    taken: set[tuple[int, int]] = set()
    for number, method in strongest:
        group = newcomers[groups[number]]
        if taken.isdisjoint((rater, method) for rater in group.tolist()):
            taken |= {(rater, method) for rater in group.tolist()}
            flags.append(
                Flag(
                    "burst",
                    tuple(group.tolist()),
                    float(z[number, method]),
                    float(p_value[number, method]),
                    f"{len(group)} raters who came one after the other: "
                    + _words(looked, pushed, group, method),
                )
            )
    return flags


def _groups(pushed: _Pushes, newcomers: IntArray) -> tuple[list[slice], FloatArray]:
    """Return all groups of raters in a row, and how far each pushes each method (as z)."""
    push, noise = (pushed.won - pushed.usual)[newcomers], pushed.noise[newcomers]
    # Stuffing lifts a method's score, so that honest raters seem to hold it down: medians don't.
    with np.errstate(invalid="ignore"):
        usual = np.nan_to_num(np.nanmedian(np.where(noise > 0, push / noise, np.nan), axis=0))
    push = push - usual * noise
    variance = noise + pushed.spread * noise**2
    start = np.zeros((1, pushed.won.shape[1]))
    total, error = (np.vstack([start, value.cumsum(axis=0)]) for value in (push, variance))
    # A group as large as half the crowd has nothing to stand out from.
    lengths = [length for length in _BURSTS if 2 * length <= len(newcomers)]
    groups = [slice(i, i + n) for n in lengths for i in range(len(newcomers) - n + 1)]
    ends = np.array([(group.start, group.stop) for group in groups], np.int64).reshape(-1, 2)
    spread = np.sqrt(error[ends[:, 1]] - error[ends[:, 0]] + ONE_MORE)
    return groups, (total[ends[:, 1]] - total[ends[:, 0]]) / spread


def _words(looked: Seen, pushed: _Pushes, group: IntArray, method: int) -> str:
    won, usual, judged = (
        table[group, method].sum() for table in (pushed.won, pushed.usual, pushed.judged)
    )
    name = looked.judgments.methods[method]
    return f"{name} was preferred {won:g} times in {judged:g}; about {usual:.0f} would be usual."
