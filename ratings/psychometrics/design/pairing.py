"""Which pair of methods is judged next: policies that turn counts into a batch of trials.

Pure functions of what was judged, what was issued and is not answered yet, and a generator that
breaks ties. docs/judging.md has the formulas, docs/benchmarks.md what they save.
"""

from enum import StrEnum

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray
from ratings.psychometrics.design.floor import NO_FLOOR, Floor
from ratings.psychometrics.inference.intervals import difference_variances
from ratings.psychometrics.model.bradley_terry import win_probabilities
from ratings.psychometrics.model.prior import prior_information, prior_scores

# The share of trials that go to the least issued pair, whatever was judged. docs/validation.md has
# what it does for the intervals.
EXPLORATION = 0.2
# As many judgments a method are balanced, before what was judged decides: with fewer, scores say
# more of luck than of methods. The first look of `stopping` is then of a balanced study.
START = 20
# A pair counts as undecided until its difference exceeds so many standard errors, give or take:
# as many as the ranking asks of some dozens of pairs at once.
_DECIDED, _GIVE = 3.0, 0.7
# What is apart by fewer of the standard errors that pictures leave is hidden from any judgments.
_HIDDEN = 2.0
# No pair's weight falls lower than this share of an undecided one's.
_LEAST = 0.01
# Differences of scores below this, in log odds, are equal: none has been seen.
_NO_GAP = 1e-6
# Breaks ties between gains that differ by rounding alone.
_JITTER = 1e-9


class Policy(StrEnum):
    """How the next pairs are chosen.

    `balanced`: the least issued pair. `swiss`: the method with the fewest trials meets one of
    close score. `active`: the pair whose judgment says most about those that are not told
    apart yet, higher ranks first.
    """

    BALANCED = "balanced"
    SWISS = "swiss"
    ACTIVE = "active"


def next_pairs(
    policy: Policy,
    wins: FloatArray,
    pending: IntArray,
    count: int,
    rng: np.random.Generator,
    *,
    exploration: float = EXPLORATION,
    allowed: BoolArray | None = None,
    floor: Floor = NO_FLOOR,
) -> IntArray:
    """Return how many trials of each pair to issue next: symmetric, int64, shape (n, n).

    `wins[i, j]` is how often i was preferred to j, a tie being half a win for each; `pending`,
    symmetric, counts trials issued and not answered, which are taken as information that is on
    its way; `allowed`, symmetric, says which pairs may be issued (all, if left out). `count`
    trials are planned, none where no pair is allowed. A share of them, `exploration`, goes to the
    least issued pair whatever the policy, and so do all up to `START` a method. `floor` is what
    raters and pictures leave of variances however much is judged (`variance_floor`).
    Works from no data on: scores rest on a weak prior (`prior.prior_scores`). Raises ValueError for
    shapes, counts, shares or floors that can't be meant.
    """
    allowed = _checked(wins, pending, count, exploration, allowed, floor)
    plan = np.zeros(wins.shape, np.int64)
    if not allowed.any():
        return plan
    issued = wins + wins.T + pending
    explored = _explored(policy, issued, count, exploration, rng)
    plan += _least_issued(issued, allowed, explored, rng)
    if policy is Policy.SWISS:
        plan += _closest(prior_scores(wins), issued + plan, allowed, count - explored, rng)
    elif policy is Policy.ACTIVE:
        plan += _most_telling(wins, pending + plan, allowed, count - explored, rng, floor)
    return plan


def _explored(
    policy: Policy, issued: FloatArray, count: int, exploration: float, rng: np.random.Generator
) -> int:
    """Return how many of the trials go to the least issued pair whatever was judged."""
    share = 1.0 if policy is Policy.BALANCED else exploration
    lacking = START * len(issued) - issued.sum() / 2 if policy is Policy.ACTIVE else 0.0
    first = min(count, max(0, int(lacking)))
    return first + int(share * (count - first) + rng.random())


def _checked(
    wins: FloatArray,
    pending: IntArray,
    count: int,
    exploration: float,
    allowed: BoolArray | None,
    floor: Floor,
) -> BoolArray:
    """Return the pairs that may be issued, i < j; refuse what can't be meant."""
    size = len(wins)
    allowed = np.ones((size, size), bool) if allowed is None else allowed
    if any(matrix.shape != (size, size) for matrix in (wins, pending, allowed)):
        raise ValueError("wins, pending and allowed must be square and of one size.")
    if (pending != pending.T).any() or (allowed != allowed.T).any():
        raise ValueError("pending and allowed must be symmetric: they are about pairs.")
    if min(wins.min(initial=0), pending.min(initial=0), count) < 0:
        raise ValueError("wins, pending and count must not be negative.")
    if not 0 <= exploration <= 1:
        raise ValueError(f"exploration is a share between 0 and 1, not {exploration}.")
    if not 0 <= min(floor.raters, floor.pictures) <= floor.difference < np.inf:
        raise ValueError(f"A floor has variances from 0 on, not {floor}.")
    return np.triu(allowed, 1)


def _least_issued(
    issued: FloatArray, allowed: BoolArray, count: int, rng: np.random.Generator
) -> IntArray:
    """Give each trial to the least issued pair, at random among equals."""
    plan = np.zeros(issued.shape, np.int64)
    first, second = np.nonzero(allowed)
    # Counts differ by halves at least, so this only breaks ties.
    level = issued[first, second] + 0.4 * rng.random(len(first))
    for _ in range(count):
        least = int(np.argmin(level))
        level[least] += 1
        _add(plan, int(first[least]), int(second[least]))
    return plan


def _closest(
    score: FloatArray, issued: FloatArray, allowed: BoolArray, count: int, rng: np.random.Generator
) -> IntArray:
    """Let the method with the fewest trials meet the one that it is least told apart from.

    That is the least gap times the root of their meetings, so that neighbours meet most often and
    no method meets a single neighbour only.
    """
    plan = np.zeros(issued.shape, np.int64)
    either = allowed | allowed.T
    gap = np.abs(score[:, None] - score[None, :]) + _NO_GAP
    played = np.where(either.any(axis=1), issued.sum(axis=1), np.inf)
    played += 0.4 * rng.random(len(played))
    jitter = 1 + _JITTER * rng.random(len(played))
    for _ in range(count):
        first = int(np.argmin(played))
        distance = gap[first] * np.sqrt(issued[first] + plan[first] + 1) * jitter
        second = int(np.argmin(np.where(either[first], distance, np.inf)))
        _add(plan, first, second)
        played[[first, second]] += 1
    return plan


def _most_telling(
    wins: FloatArray,
    pending: IntArray,
    allowed: BoolArray,
    count: int,
    rng: np.random.Generator,
    floor: Floor,
) -> IntArray:
    """Give each trial to the pair whose judgment says most about pairs that are undecided.

    A judgment of pair kl with information h = p (1 - p) lowers the variance of the difference ij
    by h / (1 + h v_kl) (e_ij' V e_kl)^2. Summed with `_weights` over all ij that is
    h / (1 + h v_kl) e_kl' V L V e_kl, L being the weights' Laplacian: one product for all pairs,
    and rank-one updates after each choice.
    """
    size, plan = len(wins), np.zeros(wins.shape, np.int64)
    score = prior_scores(wins)
    chance = win_probabilities(score)
    told = chance * chance.T
    known = prior_information(wins + wins.T + pending, score)
    covariance = np.asarray(np.linalg.inv(known), np.float64)
    jitter = 1 + _JITTER * rng.random(wins.shape)
    for number in range(count):
        if number % size == 0:
            weight = _weights(score, difference_variances(covariance), floor)
            moved = covariance @ (np.diag(weight.sum(axis=1)) - weight) @ covariance
        share = told / (1 + told * difference_variances(covariance))
        gain = share * difference_variances(moved) * jitter
        pair = divmod(int(np.argmax(np.where(allowed, gain, -1.0))), size)
        _add(plan, *pair)
        _learn(covariance, moved, *pair, told[pair])
    return plan


def _weights(score: FloatArray, variance: FloatArray, floor: Floor) -> FloatArray:
    """Return how much each difference matters, (methods, methods); higher ranks matter more.

    It is the chance that the pair is undecided and can be decided, over the variance. So a
    judgment counts by the relative fall of variances, alike for near and far pairs as long as they
    are undecided, and what is decided leaves its trials to the rest (successive elimination:
    Even-Dar, Mannor & Mansour 2006). So does what pictures hide, once it is known to be as close.
    """
    apart = np.abs(score[:, None] - score[None, :])
    own = variance + np.eye(len(score))  # no method is its own rival
    undecided = special.ndtr((_DECIDED - apart / np.sqrt(own + floor.difference)) / _GIVE)
    error, hidden = np.sqrt(own), _HIDDEN * np.sqrt(2 * floor.pictures)
    possible = special.ndtr((apart - hidden) / error) + special.ndtr((-apart - hidden) / error)
    better = (score[None, :] > score[:, None]).sum(axis=1)
    stake = 1 / (1 + np.minimum(better[:, None], better[None, :]))
    weight: FloatArray = stake * np.maximum(_LEAST, undecided * possible) / own
    np.fill_diagonal(weight, 0.0)
    return weight


def _learn(
    covariance: FloatArray, moved: FloatArray, first: int, second: int, information: float
) -> None:
    """Take a judgment of a pair into the covariance V and into V L V (Sherman & Morrison 1950)."""
    along = covariance[:, first] - covariance[:, second]
    turned = moved[:, first] - moved[:, second]
    share = information / (1 + information * (along[first] - along[second]))
    square, mixed = along[:, None] * along, along[:, None] * turned
    moved += share**2 * (turned[first] - turned[second]) * square - share * (mixed + mixed.T)
    covariance -= share * square


def _add(plan: IntArray, first: int, second: int) -> None:
    """Count one more trial of a pair, both ways round."""
    plan[first, second] += 1
    plan[second, first] += 1
