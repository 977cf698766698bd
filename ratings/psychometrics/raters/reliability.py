"""Reliability: how often each rater answers at random, estimated together with the scores.

Rater r flips a coin with probability epsilon_r and else answers as Bradley-Terry says, so i is
preferred to j with probability (1 - epsilon_r) p_ij + epsilon_r / 2: the model with which the
CLIC organizers scored in 2024 (mucped23). They maximize over each epsilon_r; here it is
integrated out, its distribution over the crowd being estimated with the scores (Kiefer &
Wolfowitz 1956; Laird 1978), on eleven levels from 0 to 1. Fifty answers leave much doubt about an
epsilon_r, and maximizing over it takes luck for inattention. The EM algorithm (Dempster, Laird &
Rubin 1977) is accelerated by SQUAREM (Varadhan & Roland 2008).

Scale: only how answers flatten with distance tells a smaller spread of scores from a larger
epsilon_r that all raters share. The scores are log odds of answers that are not random, so they
lie farther apart than plain ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.tally import win_matrix
from ratings.psychometrics.model.bradley_terry import information, scores, win_probabilities

LEVELS: FloatArray = np.linspace(0, 1, 11)
# What is known of the crowd beforehand: as much as one rater tells, every level alike.
PRIOR_RATERS = 1.0
# What is known of the scores: normal, this wide. Where all that a method ever lost may be random
# answers, nothing else would keep its score from running away.
PRIOR_SD = 5.0
# The change of a score, in log odds, below which the fit has arrived.
_ARRIVED = 1e-8
_MAX_ROUNDS = 500


@dataclass(frozen=True, eq=False)
class Reliability:
    """Scores and raters, fitted together.

    `score`, shape (methods,), has mean 0. `level`, shape (raters, levels), holds for each rater
    the probability of each of `LEVELS` being their share of random answers; `crowd`, shape
    (levels,), is the distribution over the crowd. `objective` holds the penalized log likelihood
    after each round: it never falls.
    """

    score: FloatArray
    level: FloatArray
    crowd: FloatArray
    objective: tuple[float, ...]

    @property
    def attentiveness(self) -> FloatArray:
        """Each rater's expected share of answers that are not random, shape (raters,)."""
        return np.asarray(1 - self.level @ LEVELS, np.float64)

    def interval(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return the ends of credible intervals for `attentiveness`, low and high, (raters,) each.

        A level stands for the shares nearest to it; equal probability is left out at both ends,
        none where it would be a part of the outermost level.
        """
        edges = np.concatenate([[0.0], (LEVELS[1:] + LEVELS[:-1]) / 2, [1.0]])
        below = np.column_stack([np.zeros(len(self.level)), self.level.cumsum(axis=1)])
        tail = (1 - confidence) / 2
        low, high = (
            np.array([np.interp(share, row, edges) for row in below]) for share in (tail, 1 - tail)
        )
        low, high = np.where(low < edges[1], 0.0, low), np.where(high > edges[-2], 1.0, high)
        return 1 - high, 1 - low


def reliability(
    table: IntArray, methods: int, raters: int, goldens: ArrayLike | None = None
) -> Reliability:
    """Fit scores and raters to counts per rater and pair: columns of `tally_checks.COLUMNS`.

    `goldens`, shape (raters, 2), counts each rater's right and wrong answers to trials with a
    known answer, which is right with probability 1 - epsilon_r / 2. Ties are half a win for
    each. The result does not depend on the order of rows or the names of methods and raters.
    Raises ValueError where the scores have no finite maximum (see `connectivity.placement`).
    """
    order = np.argsort(scores(win_matrix(table, methods)), kind="stable")
    rows = _renumbered(table, order)
    crowd = _Crowd(rows, methods, raters, _golden(goldens, raters))
    state, objective = _accelerated(crowd, scores(win_matrix(rows, methods)))
    score = np.empty(methods)
    score[order] = state[:methods]
    return Reliability(
        score=score,
        level=crowd.level(state),
        crowd=np.exp(state[methods:]),
        objective=objective,
    )


def _golden(goldens: ArrayLike | None, raters: int) -> FloatArray:
    """Return the log likelihood of golden answers, shape (raters, levels)."""
    counts = np.zeros((raters, 2)) if goldens is None else np.asarray(goldens, np.float64)
    if counts.shape != (raters, 2) or (counts < 0).any():
        raise ValueError(f"goldens must be {raters} rows of counts: right, wrong.")
    right, wrong = counts[:, :1], counts[:, 1:]
    return np.asarray(special.xlogy(right, 1 - LEVELS / 2) + special.xlogy(wrong, LEVELS / 2))


def _renumbered(table: IntArray, order: IntArray) -> IntArray:
    """Number methods by their place in the order, and put raters in an order of content.

    Sums then run in the same order, and come out the same, however things are called.
    """
    place = np.argsort(order)
    rows = table.copy()
    rows[:, 1:3] = place[rows[:, 1:3]]
    swapped = rows[:, 1] > rows[:, 2]
    rows[swapped] = rows[swapped][:, [0, 2, 1, 4, 3, 5]]
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    starts = np.flatnonzero(np.diff(rows[:, 0], prepend=-1))
    blocks = np.split(rows, starts[1:]) if len(rows) else []
    blocks.sort(key=lambda block: block[:, 1:].tobytes())
    return np.vstack(blocks) if blocks else rows


class _Crowd:
    """The likelihood of the counts: one column per ordered pair "winner was preferred to loser"."""

    def __init__(self, table: IntArray, methods: int, raters: int, golden: FloatArray) -> None:
        self._methods, self._golden = methods, golden
        rater, first, second, won, lost, tied = table.T
        # Raters in the order of the table; `_back` leads to their own numbers.
        present = rater[np.flatnonzero(np.diff(rater, prepend=-1))]
        self._back = np.concatenate([present, np.setdiff1d(np.arange(raters), present)])
        place = np.argsort(self._back)[rater]
        cells = np.concatenate([first * methods + second, second * methods + first])
        known, column = np.unique(cells, return_inverse=True)
        self._winner, self._loser = np.divmod(known, methods)
        wins = np.concatenate([won + tied / 2, lost + tied / 2])
        index = (np.concatenate([place, place]), column)
        self._wins = sparse.csr_array((wins, index), shape=(raters, len(known)))
        self._per_cell = self._wins.T.tocsr()

    def level(self, state: FloatArray) -> FloatArray:
        """Return each rater's probabilities of the levels, in the raters' own numbering."""
        levels = np.empty_like(self._golden)
        levels[self._back] = special.softmax(self._joint(state)[0], axis=1)
        return levels

    def round(self, state: FloatArray) -> tuple[FloatArray, float]:
        """Return the state after a round of EM, and the objective before it."""
        joint, chance, answered = self._joint(state)
        share = state[self._methods :]
        total = float(special.logsumexp(joint, axis=1).sum()) + PRIOR_RATERS * float(share.mean())
        total += _prior(state[: self._methods])
        level = special.softmax(joint, axis=1)
        raters = level.sum(axis=0) + PRIOR_RATERS / len(LEVELS)
        # The answers that count as not random, by winner and loser.
        attentive = (self._per_cell @ level * answered / chance).sum(axis=1)
        wins = np.zeros((self._methods, self._methods))
        wins[self._winner, self._loser] = attentive
        score = _ascent(wins, state[: self._methods])
        return np.concatenate([score, np.log(raters / raters.sum())]), total

    def _joint(self, state: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log P(answers, level) per rater; per column P(answer), P(answer, not random)."""
        score, share = state[: self._methods], state[self._methods :]
        preferred = special.expit(score[self._winner] - score[self._loser])[:, None]
        answered = (1 - LEVELS) * preferred
        chance = answered + LEVELS / 2
        joint = self._wins @ np.log(chance) + self._golden[self._back] + share
        return joint, chance, answered


def _ascent(wins: FloatArray, score: FloatArray) -> FloatArray:
    """Return better scores for weighted wins: one step of Newton's, halved until it ascends."""
    probability = win_probabilities(score)
    gradient = (wins * probability.T - wins.T * probability).sum(axis=1) - score / PRIOR_SD**2
    curvature = information(wins + wins.T, probability) + np.eye(len(score)) / PRIOR_SD**2
    step = np.linalg.solve(curvature, gradient)
    value = _fit(wins, score)
    # What rounding hides is let pass.
    while _fit(wins, score + step) < value - 1e-9:
        step = step / 2
    return np.asarray(score + step - (score + step).mean(), np.float64)


def _fit(wins: FloatArray, score: FloatArray) -> float:
    distance = score[:, None] - score[None, :]
    return float((wins * special.log_expit(distance)).sum()) + _prior(score)


def _prior(score: FloatArray) -> float:
    return -float(score @ score) / (2 * PRIOR_SD**2)


def _accelerated(crowd: _Crowd, start: FloatArray) -> tuple[FloatArray, tuple[float, ...]]:
    """Repeat EM until the scores rest; two rounds tell a direction for a longer step.

    A longer step that lowers the objective is taken back.
    """
    size = len(start)
    state = np.concatenate([start, np.full(len(LEVELS), -np.log(len(LEVELS)))])
    once, value = crowd.round(state)
    passed = [value]
    for _ in range(_MAX_ROUNDS):
        twice, value = crowd.round(once)
        passed.append(value)
        first, second = once - state, twice - once
        if np.abs(second[:size]).max(initial=0) < _ARRIVED:
            break
        bend = float(np.linalg.norm(second - first))
        length = max(1.0, float(np.linalg.norm(first)) / bend) if bend else 1.0
        far = state + 2 * length * first + length**2 * (second - first)
        # So far that no score leaps by more than 1.
        leap = max(1.0, float(np.abs(far - twice)[:size].max()))
        far = _normalized(twice + (far - twice) / leap, size)
        beyond, reached = crowd.round(far)
        if not reached >= value:
            far = twice
            beyond, reached = crowd.round(far)
        passed.append(reached)
        state, once = far, beyond
    return once, tuple(passed)


def _normalized(state: FloatArray, size: int) -> FloatArray:
    """Return a state whose shares of the crowd add up to 1."""
    share = state[size:] - special.logsumexp(state[size:])
    return np.concatenate([state[:size], share])
