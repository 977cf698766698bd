"""What kind of trial each number of a rater's session is: drawn by chance, in set shares."""

from collections.abc import Sequence

import numpy as np

from ratings.comparisons.models import Rater, Trial
from ratings.comparisons.protocol import Checks, Protocol
from ratings.imaging.degrading import LEVELS

Kind = Trial.Kind
# The kinds of a rater's trials after the training, in order.
SessionPlan = list[Trial.Kind]
# A careless rater shows early, and nobody is checked before having seen what is usual.
FIRST_GOLDEN = (3, 8)
# Plain to everybody who looks, and not so gross that it stands out as a check.
GOLDEN_LEVEL = 2


def training_levels(trials: int) -> list[int]:
    """Return how degraded the second contender is in each of so many training trials.

    From gross to subtle, in parts as equal as can be.
    """
    return [LEVELS[-1] - number * len(LEVELS) // trials for number in range(trials)]


def degraded_levels(protocol: Protocol) -> set[int]:
    """Return the levels that training and golden trials need."""
    golden = {GOLDEN_LEVEL} if protocol.checks.golden > 0 else set()
    return golden | set(training_levels(protocol.training.trials))


def plan_of(rater: Rater) -> SessionPlan:
    """Return a rater's plan, the same each time: the rater's identifier is the seed."""
    study = rater.study
    return draw_plan(
        study.trials_per_rater, study.protocol.checks, np.random.default_rng(rater.pk.int)
    )


def draw_plan(trials: int, checks: Checks, rng: np.random.Generator) -> SessionPlan:
    """Return a plan of so many trials.

    Each kind of check has its share, rounded to whole trials, one at a random place in each of as
    many equal parts of the session, so that nobody can count on them. The first golden trial is
    one of trials 3 to 8. A repeat stands only where at least one comparison, `repeat_gap` or more
    trials before, is still left to repeat.
    """
    kinds = [Kind.COMPARISON] * trials
    golden = min(round(trials * checks.golden), trials - FIRST_GOLDEN[0] + 1)
    if golden > 0:
        first = _first_golden(trials, golden, rng)
        kinds[first - 1] = Kind.GOLDEN
        _spread(kinds, Kind.GOLDEN, golden - 1, first + 1, rng)
    repeats, identical = round(trials * checks.repeats), round(trials * checks.identical)
    _spread(kinds, Kind.REPEAT, repeats, checks.repeat_gap + 1, rng)
    _spread(kinds, Kind.IDENTICAL, identical, FIRST_GOLDEN[0], rng)
    return _without_empty_repeats(kinds, checks.repeat_gap)


def expected_total(kinds: Sequence[Kind], cells: int) -> int:
    """Return how many trials there are where the comparisons end after `cells` of them."""
    comparisons = 0
    for number, kind in enumerate(kinds):
        comparisons += kind is Kind.COMPARISON
        if comparisons > cells:
            return number
    return len(kinds)


def _first_golden(trials: int, golden: int, rng: np.random.Generator) -> int:
    """Draw the number of the first golden trial, leaving room for the others."""
    least, most = FIRST_GOLDEN
    return int(rng.integers(least, min(most, trials - golden + 1), endpoint=True))


def _spread(
    kinds: list[Kind], kind: Kind, count: int, first: int, rng: np.random.Generator
) -> None:
    """Make `count` comparisons, of trial number `first` and later ones, another kind, evenly."""
    free = [n for n in range(first, len(kinds) + 1) if kinds[n - 1] is Kind.COMPARISON]
    count = min(count, len(free))
    for part in np.array_split(free, count) if count > 0 else ():
        kinds[int(part[rng.integers(len(part))]) - 1] = kind


def _without_empty_repeats(kinds: Sequence[Kind], gap: int) -> list[Kind]:
    kept: list[Kind] = []
    # How many comparisons there are among the first so many trials.
    comparisons = [0]
    repeats = 0
    for kind in kinds:
        possible = comparisons[max(0, len(kept) + 1 - gap)]
        kept.append(Kind.COMPARISON if kind is Kind.REPEAT and repeats >= possible else kind)
        repeats += kept[-1] is Kind.REPEAT
        comparisons.append(comparisons[-1] + (kept[-1] is Kind.COMPARISON))
    return kept


def checked_in_vain(trials: int, protocol: Protocol) -> list[str]:
    """Return what is wrong where raters are checked, and too seldom for the rule to look."""
    kinds = draw_plan(trials, protocol.checks, np.random.default_rng(0))
    golden, repeats = kinds.count(Trial.Kind.GOLDEN), kinds.count(Trial.Kind.REPEAT)
    least = protocol.screening.least_checks
    if not protocol.screening.quality or not golden or not repeats or min(golden, repeats) >= least:
        return []
    return [
        f"screening.least_checks: {trials} trials hold {golden} golden trials and {repeats} "
        f"repeats, so a rule that looks from {least} of each on would never look; lower it, raise "
        "the shares in checks, or set screening.quality = 0."
    ]
