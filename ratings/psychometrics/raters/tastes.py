"""Tastes: how a crowd's liking for single methods is spread, with the tails that it may have.

A rater's taste for a method is what they add to its strength, in log odds. Tastes follow Student's
t, whose degrees of freedom and scale are weighed by what the crowd answered (a grid, every point
alike beforehand). So a crowd with a few strong tastes leaves room for one more, a crowd without
any does not, and one of which little is known leaves some. What is said of a method rests on
the tastes for all others: raters who push one together can't pass for the crowd's own tail.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray

# Degrees of freedom; the last is a normal distribution, as likely beforehand as all others.
_FREEDOM = (2.0, 3.0, 4.0, 6.0, 10.0, np.inf)
_SCALES: FloatArray = np.geomspace(0.04, 2.5, 48)
# Tastes at which answers are looked at; between them log odds are interpolated.
_ROUGH: FloatArray = np.array([-20, -12, -8, -5, -3, -2, -1, 0, 1, 2, 3, 5, 8, 12, 20], float)
_TASTES: FloatArray = np.sinh(np.linspace(-np.arcsinh(100), np.arcsinh(100), 81)) / 5
# Honest raters slip in this share of answers, and then flip a coin.
_SLIPS = 0.03
# Raters whose answers are weighed at a time: some megabytes.
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Counts:
    """`won` of `judged`, arrays of shape (raters, methods), halves for ties.

    `usual` returns the mean probability of a win where a taste, in log odds, is added; same shape.
    """

    won: FloatArray
    judged: FloatArray
    usual: Callable[[float], FloatArray]


def taste_tails(
    counts: Counts, known: BoolArray, asked: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return the chances that an honest rater wins at least, and at most, so often.

    `known`, shape (raters,), are the raters from whom tastes are learned; `asked`, shape (raters,
    methods), the counts whose chances are wanted: those of others are 1. Each has the shape of
    the counts. Given a taste a count is binomial, which has the wider tails where
    probabilities are unequal (Hoeffding 1956).
    """
    rough = np.stack([_log_odds(counts.usual(taste)) for taste in _ROUGH])
    weights = _tastes_without(_evidence(counts, rough, known))
    least, most = np.ones(counts.won.shape), np.ones(counts.won.shape)
    rater, method = np.nonzero(asked & (counts.judged > 0))
    won, judged = counts.won[rater, method], counts.judged[rater, method]
    chance = _chances(rough[:, rater, method])
    for tail, count, p in ((least, won, chance), (most, judged - won, 1 - chance)):
        reached = special.betainc(np.maximum(count, 1e-9), judged - count + 1, p)
        tail[rater, method] = (weights[:, method] * reached).sum(axis=0)
    return least, most


def _log_odds(p: FloatArray) -> FloatArray:
    return np.asarray(special.logit(np.clip(p, 1e-12, 1 - 1e-12)), np.float64)


def _chances(rough: FloatArray) -> FloatArray:
    """Return probabilities at `_TASTES`, (tastes, ...), from log odds at `_ROUGH`."""
    place = np.clip(np.searchsorted(_ROUGH, _TASTES) - 1, 0, len(_ROUGH) - 2)
    part = (_TASTES - _ROUGH[place]) / (_ROUGH[place + 1] - _ROUGH[place])
    part = part.reshape(-1, *[1] * (rough.ndim - 1))
    distance = (1 - part) * rough[place] + part * rough[place + 1]
    return np.asarray((1 - _SLIPS) * special.expit(distance) + _SLIPS / 2, np.float64)


def _priors() -> FloatArray:
    """Return the probability of each of `_TASTES` for each kind of crowd, (tastes, kinds)."""
    edges = (_TASTES[1:] + _TASTES[:-1]) / 2
    columns = []
    for freedom in _FREEDOM:
        for scale in _SCALES:
            at = edges / scale
            below = special.ndtr(at) if np.isinf(freedom) else special.stdtr(freedom, at)
            columns.append(np.diff(np.concatenate([[0.0], below, [1.0]])))
    return np.stack(columns, axis=1)


def _evidence(counts: Counts, rough: FloatArray, known: BoolArray) -> FloatArray:
    """Return the log likelihood of each kind of crowd by the answers on each method.

    Shape (methods, kinds).
    """
    priors, raters = _priors(), np.flatnonzero(known)
    total = np.zeros((counts.won.shape[1], priors.shape[1]))
    for start in range(0, len(raters), _BLOCK):
        some = raters[start : start + _BLOCK]
        won, judged = counts.won[some], counts.judged[some]
        chance = _chances(rough[:, some])
        log = special.xlogy(won, chance) + special.xlogy(judged - won, 1 - chance)
        log -= log.max(axis=0)
        likelihood = np.moveaxis(np.exp(log), 0, 2) @ priors
        total += np.log(np.maximum(likelihood, 1e-300)).sum(axis=0)
    return total


def _tastes_without(evidence: FloatArray) -> FloatArray:
    """Return how tastes are spread by all other methods, (tastes, methods)."""
    others = evidence.sum(axis=0) - evidence
    others[:, -len(_SCALES) :] += np.log(len(_FREEDOM) - 1)
    weight = np.exp(others - others.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray(_priors() @ weight.T, np.float64)
