"""Which methods can be placed on one scale, why the others can't, and what a prior says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.sparse import csgraph

from ratings.psychometrics.bradley_terry import information, reach, win_probabilities
from ratings.psychometrics.newton import climb
from ratings.psychometrics.tally import FloatArray, Tally


@dataclass(frozen=True)
class Placement:
    """Which methods can be placed on one scale (indices, ascending), and why the others can't."""

    placed: tuple[int, ...]
    notes: tuple[str, ...]


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


def prior_scores(wins: FloatArray, placed: Sequence[int], score: FloatArray) -> FloatArray:
    """Return scores of all methods, shape (methods,), those without a place by a weak prior.

    `wins` are those of all methods, ties as halves; `score`, shape (len(placed),), are the
    maximum likelihood scores of the placed ones, which stay as they are. Each other method is
    given one virtual tie (half a win, half a loss) with a method of score 0, the average; these
    scores are fitted together to all their judgments and virtual ties. That is the logistic
    prior exp(score / 2) / (1 + exp(score)), under which a finite maximum always exists and is
    unique. A score by it says which way the judgments point, not how far.
    """
    start = np.zeros(len(wins))
    start[list(placed)] = score
    free = np.setdiff1d(np.arange(len(wins)), list(placed))
    if not len(free):
        return start

    def newton_step(point: FloatArray) -> FloatArray:
        step = np.zeros(len(wins))
        step[free] = _prior_step(wins, point, free)
        return step

    # The virtual opponent stands still.
    return climb(start, newton_step, lambda step: max(reach(wins, step), np.abs(step).max()))


def _prior_step(wins: FloatArray, score: FloatArray, free: NDArray[np.int64]) -> FloatArray:
    """Return Newton's step of the free scores, the others standing still."""
    chance, virtual = win_probabilities(score), special.expit(score[free])
    gradient = (wins * chance.T - wins.T * chance).sum(axis=1)[free] + 0.5 - virtual
    fisher = information(wins + wins.T, chance)[np.ix_(free, free)]
    fisher += np.diag(virtual * (1 - virtual))
    step: FloatArray = np.linalg.solve(fisher, gradient)
    return step


def _islands(wins: FloatArray, connection: Literal["weak", "strong"]) -> list[list[int]]:
    """Return the groups of methods that are connected ("weak": judged; "strong": both ways)."""
    if not len(wins):
        return []
    count, label = csgraph.connected_components(wins > 0, directed=True, connection=connection)
    return [np.flatnonzero(label == group).tolist() for group in range(count)]


def _reasons(tally: Tally, wins: FloatArray, placed: list[int]) -> tuple[str, ...]:
    """Say in plain words which methods have no place and why; empty if all have one."""
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
    by_prior = [names[i] for i in rest if wins[i].any() or wins[:, i].any()]
    if by_prior:
        notes.append(
            f"Without a place, the score of {phrase(by_prior)} rests on a weak "
            "prior (one virtual tie with an average method): it shows a direction, not a distance."
        )
    return tuple(notes)


def _weak(wins: FloatArray) -> list[list[int]]:
    return _islands(wins, "weak")


def _reason(i: int, names: tuple[str, ...], wins: FloatArray, placed: list[int]) -> str:
    """Say why one method has no place."""
    won, lost = wins[i].sum(), wins[:, i].sum()
    name = f"{names[i]} has no place:"
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
