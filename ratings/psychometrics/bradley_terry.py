"""Bradley-Terry scores by maximum likelihood."""

import choix
import numpy as np
from numpy.typing import NDArray
from scipy import special

from ratings.psychometrics.newton import climb
from ratings.psychometrics.tally import FloatArray


def scores(wins: FloatArray) -> FloatArray:
    """Return the maximum likelihood scores in log odds, with mean 0, shape (methods,).

    `wins[i, j]` is how often i was preferred to j (Bradley & Terry 1952; Hunter 2004). Raises
    ValueError where no finite maximum exists (Ford 1957): ask `placement` first.
    """
    if not linked(wins):
        raise ValueError("These judgments have no finite scores: some methods can't be placed.")
    if len(wins) < 2:
        return np.zeros(len(wins))
    found = climb(_start(wins), lambda score: _step(wins, score), np.ptp)
    centred: FloatArray = found - found.mean()
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
    """Return probability[i, j] that i is preferred to j under the model."""
    probability: FloatArray = special.expit(score[:, None] - score[None, :])
    return probability


def information(judged: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the Fisher information of the scores: a Laplacian with weights n p (1 - p)."""
    weight = judged * probability * probability.T
    laplacian: FloatArray = np.diag(weight.sum(axis=1)) - weight
    return laplacian


def _start(wins: FloatArray) -> FloatArray:
    """Return choix's spectral estimate, or level scores where it fails."""
    try:
        start: FloatArray = choix.lsr_pairwise_dense(wins)
    except (RuntimeError, ValueError, np.linalg.LinAlgError):
        return np.zeros(len(wins))
    return start if np.isfinite(start).all() else np.zeros(len(wins))


def _step(wins: FloatArray, score: FloatArray) -> FloatArray:
    """Return Newton's step: information^-1 gradient, along scores that add up to 0."""
    probability = win_probabilities(score)
    # Equal to wins - judged * probability, without its rounding where that is near 0 or 1.
    gradient = (wins * probability.T - wins.T * probability).sum(axis=1)
    bordered = information(wins + wins.T, probability)
    # Adding a constant to all scores changes nothing; the border takes that direction away.
    bordered += np.diag(bordered).mean() / len(bordered)
    step: FloatArray = np.linalg.solve(bordered, gradient)
    return step
