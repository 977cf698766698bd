"""Bradley-Terry scores by maximum likelihood."""

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.sparse.linalg import LinearOperator, cg

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.model.newton import maximize

# Up to here solving a step directly is quicker than conjugate gradients.
_FEW_METHODS = 150
_CG_STEPS = 60
# What is left of a step's error: four digits more are right after each.
_CG_ERROR = 1e-4
# exp of more than this is beyond floating point.
_EXP_OVERFLOWS = 700


def scores(wins: FloatArray) -> FloatArray:
    """Return the maximum likelihood scores in log odds, with mean 0, shape (methods,).

    `wins[i, j]` is how often i was preferred to j (Bradley & Terry 1952; Hunter 2004). Raises
    ValueError where no finite maximum exists (Ford 1957): ask `connectivity.placement` first.
    """
    if not linked(wins):
        raise ValueError("These judgments have no finite scores: some methods can't be placed.")
    if len(wins) < 2:
        return np.zeros(len(wins))
    step = _step if len(wins) <= _FEW_METHODS else _step_of_many
    score = maximize(
        _start(wins), lambda score: step(wins, score), lambda step: max_logit_step(wins, step)
    )
    centred: FloatArray = score - score.mean()
    return centred


def linked(wins: FloatArray) -> bool:
    """Say whether each method is reached from each by steps "was preferred at least once to".

    That is Ford's condition (1957) for finite scores.
    """
    return len(wins) == 0 or all(_reaches_all(graph) for graph in (wins > 0, wins.T > 0))


def _reaches_all(graph: NDArray[np.bool_]) -> bool:
    """Say whether a walk along the edges [from, to] gets from the first method to every one."""
    reached = np.zeros(len(graph), bool)
    frontier = np.array([0])
    while len(frontier):
        reached[frontier] = True
        frontier = np.flatnonzero(graph[frontier].any(axis=0) & ~reached)
    return bool(reached.all())


def win_probabilities(score: FloatArray) -> FloatArray:
    """Return probability[i, j] that i is preferred to j, shape (methods, methods)."""
    if not len(score) or np.ptp(score) > _EXP_OVERFLOWS:
        far: FloatArray = special.expit(score[:, None] - score[None, :])
        return far
    strength = np.exp(score - score.mean())
    probability: FloatArray = strength[:, None] / (strength[:, None] + strength)
    return probability


def max_logit_step(wins: FloatArray, step: FloatArray) -> float:
    """Return the largest change that a step makes to the log odds of a pair that was judged."""
    far = float(np.ptp(step))
    # Where all scores move little, which pairs were judged makes no difference.
    return far if far <= 1 else float((np.abs(step[:, None] - step) * (wins > 0)).max())


def information(judged: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the Fisher information of the scores, shape (methods, methods).

    It is a Laplacian with weights n p (1 - p), where `judged` are n and `probability` p.
    """
    weight = judged * probability * probability.T
    laplacian: FloatArray = np.diag(weight.sum(axis=1)) - weight
    return laplacian


def _start(wins: FloatArray) -> FloatArray:
    """Return each method's log odds to win, whoever it met."""
    level: FloatArray = np.log((wins.sum(axis=1) + 0.5) / (wins.sum(axis=0) + 0.5))
    return level


def _step(wins: FloatArray, score: FloatArray) -> FloatArray:
    """Return Newton's step: information^-1 gradient, along scores that add up to 0."""
    probability = win_probabilities(score)
    # Wins less expected wins, without their rounding where a probability is near 0 or 1.
    upset = wins * probability.T
    gradient = upset.sum(axis=1) - upset.sum(axis=0)
    bordered = information(wins + wins.T, probability)
    # Adding a constant to all scores changes nothing; the border takes that direction away.
    bordered += np.diag(bordered).mean() / len(bordered)
    step: FloatArray = np.linalg.solve(bordered, gradient)
    return step


def _step_of_many(wins: FloatArray, score: FloatArray) -> FloatArray:
    """Return Newton's step by conjugate gradients (Hestenes & Stiefel 1952) on the same system.

    Its matrix is never made: with strengths s = exp(score), p[i, j] = s[i] / (s[i] + s[j]), and
    every sum over opponents is a product of wins / (s[i] + s[j]) or wins / (s[i] + s[j])^2 with
    the strengths. Where that doesn't end soon the step is solved for directly.
    """
    if np.ptp(score) > _EXP_OVERFLOWS / 2:
        return _step(wins, score)
    strength, size = np.exp(score - score.mean()), len(score)
    total = strength[:, None] + strength
    ratio = wins / total
    gradient = ratio @ strength - strength * ratio.sum(axis=0)
    gradient -= gradient.mean()  # rounding, which no step could answer
    ratio /= total

    def weighed(v: FloatArray) -> FloatArray:
        weight: FloatArray = strength * (ratio @ (strength * v) + (strength * v) @ ratio)
        return weight

    degree = weighed(np.ones(size))
    fisher = LinearOperator((size, size), lambda v: degree * v - weighed(v))
    diagonal = LinearOperator((size, size), lambda v: v / degree)
    step: FloatArray
    step, failed = cg(fisher, gradient, rtol=_CG_ERROR, maxiter=_CG_STEPS, M=diagonal)
    return _step(wins, score) if failed else step
