"""Bradley-Terry scores by maximum likelihood, and which methods can be placed at all."""

from dataclasses import dataclass
from typing import Literal

import choix
import numpy as np
from scipy import special
from scipy.sparse import csgraph

from ratings.psychometrics.tally import FloatArray, Tally

# The step, in log odds, below which Newton's method has arrived: a few units of rounding.
_ARRIVED = 1e-13
_MAX_STEPS = 200


@dataclass(frozen=True)
class Placement:
    """Which methods can be placed on one scale (indices, ascending), and why the others can't."""

    placed: tuple[int, ...]
    notes: tuple[str, ...]


def scores(wins: FloatArray) -> FloatArray:
    """Return the maximum likelihood scores in log odds, with mean 0, shape (methods,).

    `wins[i, j]` is how often i was preferred to j (Bradley & Terry 1952; Hunter 2004). Raises
    ValueError where no finite maximum exists (Ford 1957): ask `placement` first.
    """
    if len(_islands(wins, "strong")) > 1:
        raise ValueError("These judgments have no finite scores: some methods can't be placed.")
    if len(wins) < 2:
        return np.zeros(len(wins))
    return _newton(wins, _start(wins))


def win_probabilities(score: FloatArray) -> FloatArray:
    """Return probability[i, j] that i is preferred to j under the model."""
    probability: FloatArray = special.expit(score[:, None] - score[None, :])
    return probability


def placement(tally: Tally) -> Placement:
    """Choose the methods that share one scale: the largest group where all are linked both ways.

    Linked both ways: from any method of the group one gets to any other by "was preferred at
    least once to" (or tied with), which is Ford's condition (1957) for finite scores. Of groups
    of equal size the one with more judgments inside it is chosen; if that is equal too, or if no
    group has two methods, nothing is placed.
    """
    wins = tally.wins()
    groups = _islands(wins, "strong")
    inside = [float(wins[np.ix_(group, group)].sum()) for group in groups]
    order = sorted(range(len(groups)), key=lambda g: (-len(groups[g]), -inside[g]))
    best = groups[order[0]] if groups and len(groups[order[0]]) > 1 else []
    if len(order) > 1 and best:
        second = groups[order[1]]
        if len(second) == len(best) and inside[order[1]] == inside[order[0]]:
            best = []
    return Placement(tuple(best), _reasons(tally, wins, best))


def _islands(wins: FloatArray, connection: Literal["weak", "strong"]) -> list[list[int]]:
    """Return the groups of methods that are connected ("weak": judged; "strong": both ways)."""
    if not len(wins):
        return []
    count, label = csgraph.connected_components(wins > 0, directed=True, connection=connection)
    return [np.flatnonzero(label == group).tolist() for group in range(count)]


def _reasons(tally: Tally, wins: FloatArray, placed: list[int]) -> tuple[str, ...]:
    """Say in plain words which methods have no score and why; empty if all have one."""
    names, notes = tally.methods, []
    rest = [i for i in range(len(names)) if i not in placed]
    islands = [[i for i in group if wins[i].any() or wins[:, i].any()] for group in _weak(wins)]
    islands = [group for group in islands if group]
    if len(islands) > 1:
        groups = " | ".join(phrase([names[i] for i in group]) for group in islands)
        notes.append(f"No judgment links these groups of methods: {groups}.")
    if rest and not placed and tally.judgments:
        notes.append(
            "No method can be placed: there is no single largest group of methods whose "
            "judgments go both ways."
        )
    notes += [_reason(i, names, wins, placed) for i in rest]
    return tuple(notes)


def _weak(wins: FloatArray) -> list[list[int]]:
    return _islands(wins, "weak")


def _reason(i: int, names: tuple[str, ...], wins: FloatArray, placed: list[int]) -> str:
    """Say why one method has no score."""
    won, lost = wins[i].sum(), wins[:, i].sum()
    name = f"{names[i]} has no score:"
    if won + lost == 0:
        return f"{name} it has no judgments yet."
    if lost == 0:
        return f"{name} it won every judgment, so how far it is ahead can't be told."
    if won == 0:
        return f"{name} it lost every judgment, so how far it is behind can't be told."
    up, down = wins[i, placed].sum(), wins[placed, i].sum()
    if placed and up + down == 0:
        return f"{name} it was never compared with a placed method."
    if placed and down == 0:
        return f"{name} it won every judgment against the placed methods."
    if placed and up == 0:
        return f"{name} it lost every judgment against the placed methods."
    return f"{name} the judgments don't link it with the others in both directions."


def phrase(names: list[str]) -> str:
    """Return names as a phrase; long lists are cut."""
    shown = names if len(names) <= 8 else [*names[:7], f"{len(names) - 7} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _start(wins: FloatArray) -> FloatArray:
    """Return choix's fit, or level scores where it stops without having converged."""
    try:
        start: FloatArray = choix.ilsr_pairwise_dense(wins)
    except (RuntimeError, ValueError, np.linalg.LinAlgError):
        return np.zeros(len(wins))
    return start if np.isfinite(start).all() else np.zeros(len(wins))


def _newton(wins: FloatArray, start: FloatArray) -> FloatArray:
    """Climb to the maximum from a start; halving makes each step an ascent."""
    judged = wins + wins.T
    score: FloatArray = start - start.mean()
    value = _log_likelihood(wins, score)
    for _ in range(_MAX_STEPS):
        step = _step(wins, judged, score)
        size = 1.0
        # Rounding of the sum hides ascents smaller than about 1e-12 of it: those are let pass.
        while (reached := _log_likelihood(wins, score + size * step)) < value * (1 + 1e-12):
            size /= 2
        score = score + size * step
        score -= score.mean()
        value = reached
        if np.abs(step).max() < _ARRIVED * max(1.0, np.abs(score).max()):
            break
    return score


def _step(wins: FloatArray, judged: FloatArray, score: FloatArray) -> FloatArray:
    """Return Newton's step: information^-1 gradient, along scores that add up to 0."""
    probability = win_probabilities(score)
    # Equal to wins - judged * probability, without its rounding where that is near 0 or 1.
    gradient = (wins * probability.T - wins.T * probability).sum(axis=1)
    bordered = information(judged, probability)
    # Adding a constant to all scores changes nothing; the border takes that direction away.
    bordered += np.diag(bordered).mean() / len(bordered)
    step: FloatArray = np.linalg.solve(bordered, gradient)
    return step


def information(judged: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the Fisher information of the scores: a Laplacian with weights n p (1 - p)."""
    weight = judged * probability * probability.T
    laplacian: FloatArray = np.diag(weight.sum(axis=1)) - weight
    return laplacian


def _log_likelihood(wins: FloatArray, score: FloatArray) -> float:
    return float((wins * special.log_expit(score[:, None] - score[None, :])).sum())
