"""The order that judgments say without any distance: who is ahead where no judgment goes back.

The win graph has an edge from i to j where i was preferred to j at least once; a tie counts both
ways. Where steps lead from i to j and none back, the scores that make the judgments likeliest are
infinitely far apart, i ahead: the order is known, how far is not (Ford 1957). docs/scoring.md has
what is made of it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from ratings.psychometrics.arrays import BoolArray, FloatArray

Group = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Order:
    """Who is ahead (indices of methods, ascending in each group).

    `groups` are linked both ways: from each of their methods steps lead to each other one, so that
    finite scores say their order. `ahead[i, j]`, shape (methods, methods), says that i is known to
    be ahead of j, a method of another group. Of two groups that no steps lead between it says
    nothing either way.
    """

    groups: tuple[Group, ...]
    ahead: BoolArray


def order(wins: FloatArray) -> Order:
    """Return the order of methods; `wins[i, j]`, ties as halves, is how often i was preferred."""
    groups = islands(wins, "strong")
    group = np.zeros(len(wins), int)
    for number, members in enumerate(groups):
        group[list(members)] = number
    winner, loser = np.nonzero(wins)
    ahead = reachable(group[winner], group[loser], len(groups))[np.ix_(group, group)]
    return Order(groups, ahead & (group[:, None] != group))


def islands(wins: FloatArray, connection: Literal["weak", "strong"]) -> tuple[Group, ...]:
    """Return the groups of methods that are connected ("weak": judged; "strong": both ways)."""
    if not len(wins):
        return ()
    count, label = csgraph.connected_components(wins > 0, directed=True, connection=connection)
    return tuple(tuple(np.flatnonzero(label == group).tolist()) for group in range(count))


def reachable(start: NDArray[np.intp], end: NDArray[np.intp], size: int) -> BoolArray:
    """Return reached[i, j]: whether steps along the edges lead from i to j, or i is j."""
    graph = sparse.csr_array((np.ones(len(start)), (start, end)), shape=(size, size))
    reached = np.zeros((size, size), bool)
    for node in range(size):
        nodes = csgraph.breadth_first_order(graph, node, return_predecessors=False)
        reached[node, nodes] = True
    return reached
