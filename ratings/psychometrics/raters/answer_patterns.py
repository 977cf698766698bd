"""Screening of single raters: random answers, one side, a pattern of sides, impossible speed.

Each test compares a rater with the crowd's own variety (`overdispersion`), so that tastes, hard
pictures and lapses, which honest raters have, raise no flag.
"""

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, Numbers
from ratings.psychometrics.counts.judgment_arrays import LEFT_WON, TIE, JudgmentArrays
from ratings.psychometrics.raters.agreement import with_others
from ratings.psychometrics.raters.flags import RATE, Flag
from ratings.psychometrics.raters.overdispersion import (
    both_sides,
    count_tail,
    fdr,
    overdispersion,
    t_reference,
)
from ratings.psychometrics.raters.residuals import ONE_MORE, LeaveOneRaterOut
from ratings.psychometrics.rounding import per_cent

# Judging two pictures takes longer than this.
_FASTEST_MS = 1000
# How seldom a coin's answers pass for an order.
_BY_CHANCE = 0.05
_LAGS = (1, 2, 3, 4)
# A rater whose rarer side is rarer than this has a position bias, and no pattern is sought.
_LEAST_OF_A_SIDE = 0.3


def random_answers(residuals: LeaveOneRaterOut) -> list[Flag]:
    """Flag raters whose answers follow the others' scores far less than the crowd's do.

    The statistic weighs each residual with how sure the answer seems beforehand. Where answers
    seem sure, few surprises make a lot: the skewness is allowed for (Cornish & Fisher 1938).
    """
    sure = 2 * residuals.chance - 1
    noise = residuals.per_rater(sure**2 * residuals.noise)
    one_more = ONE_MORE * residuals.per_rater(sure**2) / np.maximum(residuals.counts, 1)
    dispersion = overdispersion(
        residuals.per_rater(sure * residuals.residual), noise + one_more, noise
    )
    variance = np.maximum(noise + one_more + (dispersion.heterogeneity * noise) ** 2, 1e-9)
    skewness = -residuals.per_rater(sure**4 * residuals.noise) / variance**1.5
    z = dispersion.z - skewness * (dispersion.z**2 - 1) / 6
    p_value = t_reference(special.ndtr(z), residuals.active)
    suspects = np.flatnonzero(fdr(p_value, RATE))
    agreed, expected = with_others(residuals.answers, residuals.raters, residuals.chance)
    return [
        Flag(
            "random",
            (int(rater),),
            float(z[rater]),
            float(p_value[rater]),
            f"Answers don't follow the others': {per_cent(agreed[rater])} % go with their scores, "
            f"where {per_cent(expected[rater])} % would be usual{own}",
        )
        for rater in suspects
        if (own := _without_an_order(residuals, int(rater)))
    ]


def _without_an_order(residuals: LeaveOneRaterOut, rater: int) -> str:
    """Say that a rater's answers follow no order that an honest rater may have; "" if they do.

    Strong tastes make an order of one's own. Of a coin's answers d' L^+ d is chi-squared, d being
    each method's wins less losses and L the Laplacian of what was judged. Who goes against the
    others' scores more than a coin would has turned the question round, and no taste does that.
    """
    answers, mine = residuals.answers, residuals.answers.rater == rater
    size = len(residuals.judgments.methods)
    left, right = answers.left[mine].astype(np.int64), answers.right[mine].astype(np.int64)
    times, won = answers.times[mine], 2 * answers.left_won[mine] - 1
    sure = 2 * residuals.chance[mine] - 1
    against = times @ (sure * won) / np.sqrt(max(times @ sure**2, 1e-9))
    if against < special.ndtri(_BY_CHANCE):
        return ", and they go against them: an honest rater's taste differs, and isn't the reverse."
    ahead = np.bincount(left, times * won, minlength=size)
    ahead -= np.bincount(right, times * won, minlength=size)
    met = np.bincount(left * size + right, times, minlength=size**2).reshape(size, size)
    laplacian = np.diag((met + met.T).sum(axis=1)) - met - met.T
    order = ahead @ np.linalg.pinv(laplacian, hermitian=True) @ ahead
    freedom = np.linalg.matrix_rank(laplacian, hermitian=True)
    if special.chdtrc(freedom, order) < _BY_CHANCE:
        return ""
    return ", and they have no order of their own either, as an honest rater's have."


def one_side(residuals: LeaveOneRaterOut) -> list[Flag]:
    """Flag raters who prefer one side far more than the crowd does."""
    noise, count = residuals.per_rater(residuals.noise), residuals.counts
    dispersion = overdispersion(residuals.per_rater(residuals.residual), noise + ONE_MORE, noise)
    left = residuals.per_rater(residuals.answers.left_won)

    def usual(bias: float) -> FloatArray:
        total = residuals.per_rater(special.expit(residuals.distance + bias))
        return total / np.maximum(count, 1)

    tails = (
        count_tail(left, count, usual, dispersion),
        count_tail(count - left, count, lambda bias: 1 - usual(bias), dispersion),
    )
    p_value = t_reference(both_sides(np.minimum(*tails)), residuals.active)
    z, share = dispersion.z, left / np.maximum(count, 1)
    low, high = np.quantile(share[count > 0], (0.25, 0.75)) if count.any() else (0.5, 0.5)
    return [
        Flag(
            "side",
            (int(rater),),
            float(z[rater]),
            float(p_value[rater]),
            f"Preferred the left in {per_cent(share[rater])} % of trials, whatever stood there; "
            f"half of the raters do in {per_cent(low)} to {per_cent(high)} %.",
        )
        for rater in np.flatnonzero(fdr(p_value, RATE))
    ]


def patterns(residuals: LeaveOneRaterOut) -> list[Flag]:
    """Flag raters whose sides follow a pattern in time: alternation, runs, a short cycle.

    Which method stands left is drawn at random, so an honest rater's sides come in any order
    alike: their autocorrelations are those of a random order (Wald & Wolfowitz 1943).
    """
    judged_at = residuals.judgments.judged_at
    if judged_at is None:
        return []
    order = np.lexsort((judged_at, residuals.judgments.rater))
    order = order[residuals.judgments.choice[order] != TIE]
    rater, sides = residuals.judgments.rater[order], LEFT_WON[residuals.judgments.choice[order]]
    z = np.stack([_autocorrelation(rater, sides, residuals.raters, lag) for lag in _LAGS])
    p_value = np.minimum(1, len(_LAGS) * 2 * special.ndtr(-np.abs(z).max(axis=0)))
    return [
        _pattern_flag(rater, sides, int(who), z, float(p_value[who]))
        for who in np.flatnonzero(fdr(p_value, RATE))
    ]


def _autocorrelation(rater: Numbers, sides: FloatArray, raters: int, lag: int) -> FloatArray:
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
    rater: Numbers, sides: FloatArray, who: int, z: FloatArray, p_value: float
) -> Flag:
    lag = _LAGS[int(np.abs(z[:, who]).argmax())]
    own = sides[rater == who]
    equal, pairs = int((own[lag:] == own[:-lag]).sum()), len(own) - lag
    before = "the one before" if lag == 1 else f"the one {lag} before"
    return Flag(
        "pattern",
        (who,),
        float(z[:, who][np.abs(z[:, who]).argmax()]),
        p_value,
        f"Left and right follow a pattern: {equal} of {pairs} answers are on the same side as "
        f"{before}; about half would be usual.",
    )


def impossible_speed(residuals: LeaveOneRaterOut) -> list[Flag]:
    """Flag raters whose median time is below `_FASTEST_MS` and far below the crowd's.

    Times of a rater are log-normal, and so are raters among one another.
    """
    times, median = residuals.judgments.response_ms, median_times(residuals.judgments)
    if times is None or median is None:
        return []
    known = times >= 0
    rater, log_ms = residuals.judgments.rater[known], np.log(np.maximum(times[known], 1))
    timed, total = (
        np.bincount(rater, value, minlength=residuals.raters) for value in (None, log_ms)
    )
    active, count = timed > 0, np.maximum(timed, 1)
    mean = total / count
    within = np.bincount(rater, (log_ms - mean[rater]) ** 2, minlength=residuals.raters).sum()
    within /= max(1, len(rater) - int(active.sum()))
    z = overdispersion(mean, active * within / count, active.astype(float)).z
    p_value = t_reference(special.ndtr(z), int(active.sum()))
    crowd = np.nanmedian(median) if active.any() else np.nan
    fast = fdr(p_value, RATE) & (median < _FASTEST_MS)
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
    """Return each rater's median response time in ms, shape (raters,); None if times are unknown.

    It is nan for raters without one.
    """
    if judgments.response_ms is None:
        return None
    known = judgments.response_ms >= 0
    rater, times = judgments.rater[known], judgments.response_ms[known]
    order = np.argsort(rater, kind="stable")
    ends = np.bincount(rater, minlength=len(judgments.raters)).cumsum()
    blocks = np.split(times[order], ends[:-1])
    return np.array([np.median(block) if len(block) else np.nan for block in blocks])
