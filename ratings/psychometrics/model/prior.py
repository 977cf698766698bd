"""Scores by a weak prior: they exist for any judgments, even for none.

The prior is one virtual tie (half a win, half a loss) between each method and one of score 0, the
average: the logistic prior exp(score / 2) / (1 + exp(score)), worth one judgment a method. It links
islands and keeps a method that won everything at a finite distance. A score by it says which way
the judgments point, not how far.
"""

from collections.abc import Sequence

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.model.bradley_terry import information, max_logit_step, win_probabilities
from ratings.psychometrics.model.newton import maximize


def prior_scores(
    wins: FloatArray, placed: Sequence[int] = (), score: FloatArray | None = None
) -> FloatArray:
    """Return scores in log odds of all methods, shape (methods,), by the prior.

    `wins` are those of all methods, ties as halves. Methods that are `placed` keep their maximum
    likelihood scores `score`, shape (len(placed),); those of the others maximise the likelihood of
    all judgments and of their virtual ties: that maximum is finite and unique.
    """
    start = np.zeros(len(wins))
    if score is not None:
        start[list(placed)] = score
    free = np.setdiff1d(np.arange(len(wins)), list(placed))
    if not len(free):
        return start

    def newton_step(point: FloatArray) -> FloatArray:
        step = np.zeros(len(wins))
        step[free] = _step(wins, point, free)
        return step

    # The virtual opponent stands still.
    return maximize(
        start, newton_step, lambda step: max(max_logit_step(wins, step), np.abs(step).max())
    )


def prior_information(judged: FloatArray, score: FloatArray) -> FloatArray:
    """Return the information about `prior_scores`, (methods, methods); its inverse is a covariance.

    It is that of `judged[i, j]` judgments of each pair, and of the virtual ties.
    """
    virtual = special.expit(score)
    fisher = information(judged, win_probabilities(score))
    return fisher + np.diag(virtual * (1 - virtual))


def in_order(score: FloatArray, placed: Sequence[int], ahead: BoolArray) -> FloatArray:
    """Return scores, the same shape, of which none is above one that is known to be ahead of it.

    Those of the placed methods stay; each other one is moved as far as that takes.
    """
    within = ahead | np.eye(len(score), dtype=bool)
    below = within[list(placed)].any(axis=0)  # and the placed ones themselves
    lowered = score.copy()
    for i in np.setdiff1d(np.flatnonzero(below), placed):
        lowered[i] = score[within[:, i] & below].min()
    raised = lowered.copy()
    for i in np.flatnonzero(~below):
        raised[i] = lowered[within[i]].max()
    return raised


def _step(wins: FloatArray, score: FloatArray, free: IntArray) -> FloatArray:
    """Return Newton's step of the free scores, the others standing still."""
    chance = win_probabilities(score)
    gradient = (wins * chance.T - wins.T * chance).sum(axis=1)[free]
    gradient = gradient + 0.5 - special.expit(score[free])
    fisher = prior_information(wins + wins.T, score)[np.ix_(free, free)]
    step: FloatArray = np.linalg.solve(fisher, gradient)
    return step
