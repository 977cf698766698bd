"""Bias-reduced scores (Firth 1993): finite for any judgments that link the methods at all.

To the log likelihood comes half the log determinant of its information, Jeffreys' prior. That is
the same as giving either side of each pair half of the pair's leverage as wins, where all leverages
add up to the number of methods less one. R's brglm fits such scores, and BradleyTerry2 with it.
"""

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.model.bradley_terry import (
    information,
    max_logit_step,
    win_probabilities,
)
from ratings.psychometrics.model.win_graph import islands

# A step leaves undone up to some twenty times itself where judgments are very few.
_ARRIVED = 1e-10
_MAX_STEPS = 2000
_ROUNDING = 1e-13


def firth_scores(wins: FloatArray) -> FloatArray:
    """Return the bias-reduced scores in log odds, with mean 0, shape (methods,).

    `wins[i, j]` is how often i was preferred to j, ties as halves. Raises ValueError where the
    judgments don't link all methods, so that nothing relates their scores, and ArithmeticError if
    the steps don't end.
    """
    if len(islands(wins, "weak")) > 1:
        raise ValueError("No judgment links some of these methods: rank each linked group alone.")
    score = np.zeros(len(wins))
    if len(wins) < 2:
        return score
    reached = _penalised(wins, score)
    for _ in range(_MAX_STEPS):
        step = _step(wins, score)
        size = max_logit_step(wins + wins.T, step)
        if size < _ARRIVED:
            centred: FloatArray = score - score.mean()
            return centred
        # The step climbs, if it isn't too long.
        while (climbed := _penalised(wins, score + step)) < reached - _ROUNDING * abs(reached):
            step /= 2
        score, reached = score + step, climbed
    raise ArithmeticError("The bias-reduced scores can't be reached step by step.")


def _penalised(wins: FloatArray, score: FloatArray) -> float:
    """Return the log likelihood plus half the log determinant of the information."""
    fisher = _grounded(information(wins + wins.T, win_probabilities(score)))
    chance = special.log_expit(score[:, None] - score)
    return float((wins * chance).sum() + np.linalg.slogdet(fisher)[1] / 2)


def _step(wins: FloatArray, score: FloatArray) -> FloatArray:
    """Return Newton's step for wins to which the leverages of now are added."""
    chance, judged = win_probabilities(score), wins + wins.T
    inverse = np.linalg.inv(_grounded(information(judged, chance)))
    own = np.diag(inverse)
    variance = own[:, None] + own[None, :] - 2 * inverse
    leverage = judged * chance * chance.T * variance
    upset = (wins + leverage / 2) * chance.T
    fisher = _grounded(information(judged + leverage, chance))
    step: FloatArray = np.linalg.solve(fisher, upset.sum(axis=1) - upset.sum(axis=0))
    return step


def _grounded(fisher: FloatArray) -> FloatArray:
    """Add to the information what makes it regular: that of the mean, which no judgment has.

    It is always the same, so that the determinant changes as that of the differences does.
    """
    return fisher + 1 / len(fisher)
