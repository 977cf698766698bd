"""When a rater's checks are hopeless: a sequential test that is exact at all of its looks together.

An honest rater misses a golden trial with a chance of at most `HONEST_MISS`, and gives an answer
that the study's rule drops (too fast, or without a look) with a chance of at most `HONEST_DROP`.
Whoever answers at random misses every other one. After each such check the log likelihood ratio of
the two is looked at (Wald 1945, Sequential tests of statistical hypotheses, Ann. Math. Stat. 16).
The bound that ends it is not Wald's approximation: it is the lowest at which an honest rater is
stopped at any of the looks with at most the level's chance, by recursion over the number of misses
(Armitage, McPherson & Rowe 1969, Repeated significance tests on accumulating data, JRSS A 132).
What was answered may decide what is asked next: which trial is a check changes no chance of it.

Repeats are left out: how often an honest rater answers the same again depends on how close the
methods are, so there is no chance that would hold for all honest raters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np

from ratings.psychometrics.arrays import BoolArray

HONEST_MISS = 0.03
HONEST_DROP = 0.1
RANDOM = 0.5
# The test looks at so many first golden trials, and at so many first answers.
GOLDENS = 14
ANSWERS = 25
# A look later than the last one: so many misses can't be.
NEVER = 10**6


@dataclass(frozen=True)
class Hopeless:
    """What ended the test: so many of the first `looked` checks were missed; `bound` would do."""

    what: str
    looked: int
    missed: int
    bound: int


def hopeless(level: float, misses: Sequence[float], dropped: Sequence[bool]) -> Hopeless | None:
    """Return what speaks against a rater so clearly that an honest one is hardly ever stopped.

    `misses` has one entry a golden trial, oldest first: 1 missed, 0 right, 1/2 a tie, of which two
    make one miss; `dropped` one an answer outside the training. `level`, in (0, 1), is the highest
    chance that an honest rater is ever stopped: each of the two tests has half of it.
    """
    golden = crossed(np.floor(list(accumulate(misses))).astype(int).tolist(), golden_bounds(level))
    if golden:
        return Hopeless("golden", *golden)
    fast = crossed(list(accumulate(map(int, dropped))), drop_bounds(level))
    return Hopeless("dropped", *fast) if fast else None


def in_doubt(misses: Sequence[float]) -> bool:
    """Tell whether golden trials, as `hopeless` takes them, are likelier for random answers.

    Who is in doubt may be checked sooner; who misses none never is.
    """
    miss, hit = _weights(HONEST_MISS, RANDOM)
    missed = sum(misses)
    return missed * miss + (len(misses) - missed) * hit > 0


def golden_bounds(level: float) -> tuple[int, ...]:
    """Return how many of the first 1, 2, ... golden trials must be missed; see `bounds`."""
    return bounds(level / 2, GOLDENS, HONEST_MISS)


def drop_bounds(level: float) -> tuple[int, ...]:
    """Return how many of the first 1, 2, ... answers must be dropped; see `bounds`."""
    return bounds(level / 2, ANSWERS, HONEST_DROP)


def crossed(missed: Sequence[int], limits: Sequence[int]) -> tuple[int, int, int] | None:
    """Return the first look at which so many were missed that it ends: look, misses, bound."""
    looks = enumerate(zip(missed, limits, strict=False), start=1)
    return next(((look, so_far, least) for look, (so_far, least) in looks if so_far >= least), None)


@lru_cache
def bounds(level: float, looks: int, honest: float, random: float = RANDOM) -> tuple[int, ...]:
    """Return the least number of misses that ends the test at each of `looks` looks, (looks,).

    `NEVER` where none does. An honest rater, who misses each with the chance `honest`, is stopped
    with a chance of at most `level` over all looks; no lower bound of the likelihood ratio keeps
    that. Raises ValueError unless 0 < honest < random < 1, 0 < level < 1 and looks > 0.
    """
    if not (0 < honest < random < 1 and 0 < level < 1 and looks > 0):
        raise ValueError("A test needs looks, 0 < level < 1 and 0 < honest < random < 1.")
    miss, hit = _weights(honest, random)
    made = np.arange(1, looks + 1)[:, None]
    missed = np.arange(looks + 1)[None, :]
    ratio = np.where(missed <= made, missed * miss + (made - missed) * hit, -np.inf)
    candidates = np.unique(ratio[ratio > 0])
    low, high = 0, len(candidates)
    while low < high:  # a higher bound stops fewer
        middle = (low + high) // 2
        limits = _limits(ratio >= candidates[middle])
        low, high = (low, middle) if stopped(limits, honest) <= level else (middle + 1, high)
    return _limits(ratio >= candidates[low]) if low < len(candidates) else (NEVER,) * looks


def _weights(honest: float, random: float) -> tuple[float, float]:
    """Return what a miss and a hit add to the log likelihood ratio of random to honest."""
    return float(np.log(random / honest)), float(np.log((1 - random) / (1 - honest)))


def _limits(ends: BoolArray) -> tuple[int, ...]:
    return tuple(int(row.argmax()) if row.any() else NEVER for row in ends)


def stopped(limits: Sequence[int], miss: float) -> float:
    """Return the exact chance that a rater who misses each check with `miss` is ever stopped."""
    state, total = np.zeros(len(limits) + 2), 0.0
    state[0] = 1.0
    for least in limits:
        state[1:] = state[1:] * (1 - miss) + state[:-1] * miss
        state[0] *= 1 - miss
        if least < len(state):
            total += float(state[least:].sum())
            state[least:] = 0.0
    return total
