"""Davidson's model (1970): Bradley-Terry with ties as an outcome of their own."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.model import likelihood
from ratings.psychometrics.model.bradley_terry import linked, max_logit_step, scores
from ratings.psychometrics.model.newton import maximize


@dataclass(frozen=True, eq=False)
class Davidson:
    """A fit: `score`, shape (methods,), in log odds with mean 0; `tie` is the parameter nu."""

    score: FloatArray
    tie: float


def fit_davidson(wins: FloatArray, ties: FloatArray) -> Davidson:
    """Return the joint maximum likelihood scores and tie parameter (Davidson 1970).

    `wins[i, j]`, shape (methods, methods), is how often i was preferred to j, ties not counted;
    `ties`, symmetric, how often neither was. Without ties nu is 0 and the scores are those of
    `bradley_terry.scores`. Raises ValueError, with the reason, where `obstacle` finds one.
    """
    reason = obstacle(wins, ties)
    if reason:
        raise ValueError(reason)
    halves = scores(wins + ties / 2)
    if not ties.any():
        return Davidson(halves, 0.0)
    # As if all were equals: the odds of a tie are then nu / 2, and `ties` has each of them twice.
    point = maximize(
        np.append(halves, np.log(ties.sum() / wins.sum())),
        lambda point: _step(wins, ties, point[:-1], np.exp(point[-1])),
        lambda step: _max_logit_step(wins + ties, step),
    )
    return Davidson(point[:-1] - point[:-1].mean(), float(np.exp(point[-1])))


def _max_logit_step(judged: FloatArray, step: FloatArray) -> float:
    """Return the largest change that a step makes to the log odds of two outcomes."""
    scores_part = max_logit_step(judged, step[:-1])
    return max(scores_part, scores_part / 2 + abs(float(step[-1])))


def obstacle(wins: FloatArray, ties: FloatArray) -> str | None:
    """Say in plain words why these judgments have no finite maximum; None where they have one.

    Scores need Ford's condition (1957), a tie linking both ways. The tie parameter needs, if
    there are ties at all, methods in a circle where more steps are "was preferred to" than
    "tied with": otherwise scores spread so far that only nu without end keeps ties likely.
    """
    if not linked(wins + ties / 2):
        return "These judgments have no finite scores: some methods can't be placed."
    if not ties.any() or _has_circle(wins, ties):
        return None
    if not wins.any():
        return "All judgments are ties: the tie parameter has no finite estimate."
    return "No preference contradicts the ties: the tie parameter has no finite estimate."


def _has_circle(wins: FloatArray, ties: FloatArray) -> bool:
    """Look for a circle in which wins outnumber ties: one of negative length, a win being -1."""
    if ((wins > 0) & (wins.T > 0)).any():
        return True
    length = np.where(wins > 0, -1.0, np.where(ties > 0, 1.0, 0.0))
    try:
        csgraph.bellman_ford(length, indices=[0])
    except csgraph.NegativeCycleError:
        return True
    return False


def _step(wins: FloatArray, ties: FloatArray, score: FloatArray, nu: float) -> FloatArray:
    """Return Newton's step in the scores and log nu, the scores' part adding up to 0."""
    expected = likelihood.outcomes(score, nu)
    win, tie = expected.win, expected.tied
    loss = win.T
    # Observed less expected, without its rounding where a chance is near 0 or 1.
    ahead = wins * (2 * loss + tie) - wins.T * (2 * win + tie) - ties * (win - loss)
    more_ties = ties * (win + loss) - (wins + wins.T) * tie
    gradient = np.append(ahead.sum(axis=1) / 2, more_ties.sum() / 2)
    bordered = expected.information(wins + wins.T + ties)
    # Adding a constant to all scores changes nothing; the border takes that direction away.
    bordered[:-1, :-1] += np.diag(bordered)[:-1].mean() / len(score)
    step: FloatArray = np.linalg.solve(bordered, gradient)
    return step
