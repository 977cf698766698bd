"""Screening of single raters: random answers, one side, a pattern of sides, impossible speed.

Each test compares a rater with the crowd's own variety (`excess`), so that tastes, hard pictures
and lapses, which honest raters have, raise no flag.
"""

import numpy as np
from scipy import special

from ratings.psychometrics.agreement import with_others
from ratings.psychometrics.excess import (
    both_sides,
    count_tail,
    discoveries,
    excess,
    small_crowd,
)
from ratings.psychometrics.flags import RATE, Flag
from ratings.psychometrics.judgments import TIE, JudgmentArrays
from ratings.psychometrics.seen import ONE_MORE, Seen
from ratings.psychometrics.tally import FloatArray, IntArray

# Nobody judges two pictures in less than this.
FASTEST_MS = 1000
_LAGS = (1, 2, 3, 4)
# Who prefers a side more than this is looked at for that, not for patterns.
_LEAST_OF_A_SIDE = 0.3


def random_answers(looked: Seen) -> list[Flag]:
    """Flag raters whose answers follow the others' scores far less than the crowd's do.

    The statistic weighs each residual with how sure the answer seems beforehand. Where answers
    seem sure, few surprises make a lot: the skewness is allowed for (Cornish & Fisher 1938).
    """
    sure = 2 * looked.chance - 1
    noise = looked.per_rater(sure**2 * looked.noise)
    one_more = ONE_MORE * looked.per_rater(sure**2) / np.maximum(looked.counts, 1)
    found = excess(looked.per_rater(sure * looked.residual), noise + one_more, noise)
    variance = np.maximum(noise + one_more + (found.spread * noise) ** 2, 1e-9)
    skewness = -looked.per_rater(sure**4 * looked.noise) / variance**1.5
    z = found.z - skewness * (found.z**2 - 1) / 6
    p_value = small_crowd(special.ndtr(z), looked.active)
    judgments = looked.judgments
    agreed, expected = with_others(
        judgments.rater, looked.raters, judgments.left_won, looked.chance
    )
    return [
        Flag(
            "random",
            (int(rater),),
            float(z[rater]),
            float(p_value[rater]),
            f"Answers don't follow the others': {100 * agreed[rater]:.0f} % go with their scores, "
            f"where {100 * expected[rater]:.0f} % would be usual.",
        )
        for rater in np.flatnonzero(discoveries(p_value, RATE))
    ]


def one_side(looked: Seen) -> list[Flag]:
    """Flag raters who prefer one side far more than the crowd does."""
    noise, count = looked.per_rater(looked.noise), looked.counts
    found = excess(looked.per_rater(looked.residual), noise + ONE_MORE, noise)
    left = looked.per_rater(looked.judgments.left_won)

    def usual(liking: float) -> FloatArray:
        total = looked.per_rater(special.expit(looked.distance + liking))
        return total / np.maximum(count, 1)

    tails = (
        count_tail(left, count, usual, found),
        count_tail(count - left, count, lambda liking: 1 - usual(liking), found),
    )
    p_value = small_crowd(both_sides(np.minimum(*tails)), looked.active)
    z, share = found.z, left / np.maximum(count, 1)
    return [
        Flag(
            "side",
            (int(rater),),
            float(z[rater]),
            float(p_value[rater]),
            f"Preferred the left in {100 * share[rater]:.0f} % of trials, whatever stood there.",
        )
        for rater in np.flatnonzero(discoveries(p_value, RATE))
    ]


def patterns(looked: Seen) -> list[Flag]:
    """Flag raters whose sides follow a pattern in time: alternation, runs, a short cycle.

    Which method stands left is drawn at random, so an honest rater's sides come in any order
    alike: their autocorrelations are those of a random order (Wald & Wolfowitz 1943).
    """
    judged_at = looked.judgments.judged_at
    if judged_at is None:
        return []
    order = np.lexsort((judged_at, looked.judgments.rater))
    order = order[looked.judgments.choice[order] != TIE]
    rater, sides = looked.judgments.rater[order], looked.judgments.left_won[order]
    z = np.stack([_autocorrelation(rater, sides, looked.raters, lag) for lag in _LAGS])
    p_value = np.minimum(1, len(_LAGS) * 2 * special.ndtr(-np.abs(z).max(axis=0)))
    return [
        _pattern_flag(rater, sides, int(who), z, float(p_value[who]))
        for who in np.flatnonzero(discoveries(p_value, RATE))
    ]


def _autocorrelation(rater: IntArray, sides: FloatArray, raters: int, lag: int) -> FloatArray:
    """Return the standardized autocorrelation of each rater's sides; 0 if there is too little."""
    count, left = (
        np.bincount(rater, value, minlength=raters) for value in (np.ones(len(rater)), sides)
    )
    share = left / np.maximum(count, 1)
    centred = sides - share[rater]
    same = rater[lag:] == rater[:-lag]
    products = np.bincount(
        rater[lag:][same], (centred[lag:] * centred[:-lag])[same], minlength=raters
    )
    pairs = np.maximum(count - lag, 1)
    variance = np.maximum(share * (1 - share), 1e-9)
    # In a random order two answers of one rater are a little unlike: there are only so many.
    z = (products / variance + pairs / np.maximum(count - 1, 1)) / np.sqrt(pairs)
    told = (np.minimum(share, 1 - share) >= _LEAST_OF_A_SIDE) & (count > lag + 1)
    return np.where(told, z, 0.0)


def _pattern_flag(
    rater: IntArray, sides: FloatArray, who: int, z: FloatArray, p_value: float
) -> Flag:
    lag = _LAGS[int(np.abs(z[:, who]).argmax())]
    mine = sides[rater == who]
    equal, pairs = int((mine[lag:] == mine[:-lag]).sum()), len(mine) - lag
    before = "the one before" if lag == 1 else f"the one {lag} before"
    return Flag(
        "pattern",
        (who,),
        float(z[:, who][np.abs(z[:, who]).argmax()]),
        p_value,
        f"Left and right follow a pattern: {equal} of {pairs} answers are on the same side as "
        f"{before}; about half would be usual.",
    )


def impossible_speed(looked: Seen) -> list[Flag]:
    """Flag raters whose median time is below `FASTEST_MS` and far below the crowd's.

    Times of a rater are log-normal, and so are raters among one another.
    """
    times, median = looked.judgments.response_ms, median_times(looked.judgments)
    if times is None or median is None:
        return []
    log_ms = np.log(np.maximum(times, 1))
    count = np.maximum(looked.counts, 1)
    mean = looked.per_rater(log_ms) / count
    within = looked.per_rater((log_ms - mean[looked.judgments.rater]) ** 2).sum()
    within /= max(1, len(log_ms) - looked.active)
    active = looked.counts > 0
    z = excess(mean, active * within / count, active.astype(float)).z
    p_value = small_crowd(special.ndtr(z), looked.active)
    crowd = np.nanmedian(median) if active.any() else np.nan
    fast = discoveries(p_value, RATE) & (median < FASTEST_MS)
    return [
        Flag(
            "speed",
            (int(rater),),
            float(z[rater]),
            float(p_value[rater]),
            f"Half of the answers came within {median[rater] / 1000:.2f} s; the crowd's median "
            f"is {crowd / 1000:.1f} s.",
        )
        for rater in np.flatnonzero(fast)
    ]


def median_times(judgments: JudgmentArrays) -> FloatArray | None:
    """Return each rater's median response time in ms, nan without judgments; None if unknown."""
    times = judgments.response_ms
    if times is None:
        return None
    order = np.argsort(judgments.rater, kind="stable")
    ends = np.bincount(judgments.rater, minlength=len(judgments.raters)).cumsum()
    blocks = np.split(times[order], ends[:-1])
    return np.array([np.median(block) if len(block) else np.nan for block in blocks])
