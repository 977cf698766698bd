"""How good a method is at least that won all of its judgments against methods of known scores.

With a score of s it would win a judgment against l with the chance p = 1 / (1 + exp(l - s)).
Judgments that share neither rater nor picture are independent, so all of them go its way with a
chance of at most the product of their p. Scores for which that chance is small are ruled out.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.model.unanimous import independent

_ARRIVED = 1e-10
_MAX_STEPS = 100


@dataclass(frozen=True, eq=False)
class AllWon:
    """The judgments of one method, all won, as rows: cluster, opponent, count, shape (rows, 3).

    Opponents are indices into whatever array of scores is asked about.
    """

    by_rater: IntArray
    by_picture: IntArray

    def opponents(self) -> IntArray:
        """Return the opponents, ascending."""
        return np.unique(self.by_rater[:, 1])

    def independent(self, among: IntArray) -> int:
        """Return how many judgments against some opponents are independent, at least."""
        return independent(*(_sums(rows, among) for rows in (self.by_rater, self.by_picture)))

    def most(self, opponent: int) -> int:
        """Return how many judgments against one opponent can be independent, at most."""
        rows = (self.by_rater, self.by_picture)
        return min(int((table[:, 1] == opponent).sum()) for table in rows)


def against(tally: Tally, method: int, opponents: IntArray) -> AllWon:
    """Return a method's judgments against some opponents, which it won all, or lost all.

    `opponents`, shape (methods,), are the places of the methods in an array of scores, -1 for
    those that are none.
    """
    return AllWon(
        *(_rows(table, method, opponents) for table in (tally.by_rater, tally.by_picture))
    )


def least_score(won: AllWon, opponent: FloatArray, chance: float) -> float | None:
    """Return the score below which all were won with less than `chance`; None without judgments.

    `opponent`, shape (methods,), are the scores of the opponents or what they are at least, in log
    odds; nan where not known, and judgments against these are left out. Any choice of opponents
    gives a bound, and all of them hold where one does, since it is the same judgments that were
    won: so the best bound counts, of the best opponent alone, of the best two, and so on.
    """
    known = won.opponents()
    known = known[~np.isnan(opponent[known])]
    best_first = known[np.argsort(-opponent[known], kind="stable")]
    bounds = [
        _bound(won, best_first[:count], opponent, chance) for count in range(1, len(known) + 1)
    ]
    return max(bounds, default=None)


def _bound(won: AllWon, among: IntArray, opponent: FloatArray, chance: float) -> float:
    """Return the bound by the judgments against some opponents, best first.

    Which of them are the independent ones isn't known: as many as can be are taken to be against
    the weakest, who are won against most easily.
    """
    left, times = won.independent(among), np.zeros(len(among))
    for place in reversed(range(len(among))):
        times[place] = min(left, won.most(int(among[place])))
        left -= int(times[place])
    against = opponent[among]
    # Were all like the weakest, this would be the bound; it is no higher than the real one.
    score = float(against.min() + special.logit(chance ** (1 / times.sum())))
    for _ in range(_MAX_STEPS):
        # The logarithm is concave, so Newton's steps from below never pass the solution.
        excess = float(times @ special.log_expit(score - against) - np.log(chance))
        step = -excess / float(times @ special.expit(against - score))
        score += step
        if step < _ARRIVED:
            break
    return score


def _rows(table: IntArray, method: int, opponents: IntArray) -> IntArray:
    """Return a table's rows of one method against some opponents: cluster, opponent, count."""
    own = table[(table[:, 1] == method) | (table[:, 2] == method)]
    opponent = opponents[np.where(own[:, 1] == method, own[:, 2], own[:, 1])]
    known = opponent >= 0
    return np.column_stack([own[known, 0], opponent[known], own[known, 3:].sum(axis=1)])


def _sums(rows: IntArray, among: IntArray) -> IntArray:
    """Return the number of judgments of each cluster that has any against some opponents."""
    chosen: BoolArray = np.isin(rows[:, 1], among)
    sums = np.asarray(np.bincount(rows[chosen, 0], rows[chosen, 2]), np.int64)
    return sums[sums > 0]
