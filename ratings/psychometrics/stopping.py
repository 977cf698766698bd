"""When a study may stop: rules that stay honest although they look at the data as they come.

Whoever looks after every judgment and stops at the first "told apart" is wrong far more often
than 5 % of the time. So the order is looked at only when the judgments have grown by a quarter
since the last look, and each look spends a part of the error that all of them may make together
(Bonferroni over looks, as in group sequential trials; Lan & DeMets 1983). That holds whatever the
looks have to do with one another. docs/protocol.md has the formulas.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ratings.psychometrics.fitting import Fit, Settings, fit
from ratings.psychometrics.tally import Tally

# The first look is at 20 judgments per method (each judgment is one of two methods).
_FIRST_JUDGMENTS_PER_METHOD = 20
_GROWTH = 1.25
# Over about this many looks the error is spent almost evenly, and slower and slower after.
_EVEN_LOOKS = 10


@dataclass(frozen=True)
class Rule:
    """When to stop: as soon as one of the conditions that are set is met.

    `separated`: every method is told apart from the next. `half_width`: no interval, of a score
    or of a difference, reaches further than this to either side (log odds). `judgments`: so many
    are there.
    """

    separated: bool = False
    half_width: float | None = None
    judgments: int | None = None

    def __post_init__(self) -> None:
        if self.half_width is not None and not self.half_width > 0:
            raise ValueError(f"half_width must be above 0, not {self.half_width}.")
        if self.judgments is not None and self.judgments < 1:
            raise ValueError(f"judgments must be at least 1, not {self.judgments}.")


@dataclass(frozen=True)
class Verdict:
    """The number of the latest look, and why to stop, as a sentence; None to go on."""

    look: int
    reason: str | None


def look_number(judgments: int, methods: int) -> int:
    """Return how many looks are due by so many judgments: 0 before the first."""
    first = _FIRST_JUDGMENTS_PER_METHOD * methods / 2
    if methods < 2 or judgments < first:
        return 0
    return 1 + int(math.log(judgments / first) / math.log(_GROWTH) + 1e-9)


def look_level(look: int, level: float = 0.95) -> float:
    """Return the confidence that a look must have, so that all looks together have `level`.

    Look k may err with (1 - level) m / ((k + m - 1) (k + m)); from k = 1 on these add up to
    1 - level. With m = 1 it would be the textbook's 1 / (k (k + 1)), which leaves later looks much
    less.
    """
    m = _EVEN_LOOKS
    return 1 - (1 - level) * m / ((look + m - 1) * (look + m))


def verdict(tally: Tally, methods: Collection[str], rule: Rule, looked: int) -> Verdict:
    """Say whether a study may stop, `looked` being the number of its last look.

    `methods` are those that still take part: the others need not be told apart. A look that was
    made is not made again, since that would spend its error twice.
    """
    if rule.judgments is not None and tally.judgments >= rule.judgments:
        return Verdict(looked, f"the budget of {rule.judgments} judgments is used up")
    due = look_number(tally.judgments, len(methods))
    if due <= looked or not (rule.separated or rule.half_width):
        return Verdict(looked, None)
    level = look_level(due)
    if rule.separated and _is_separated(fit(tally, Settings(level=level)), methods):
        return Verdict(due, f"every method is told apart from the next (look {due}, {level:.2%})")
    # Stopping by the width of an interval does not depend on where it lies, so that it needs no
    # correction (Chow & Robbins 1965).
    if rule.half_width and _half_width(fit(tally), methods) <= rule.half_width:
        return Verdict(due, f"no 95 % interval reaches further than {rule.half_width:g} log odds")
    return Verdict(due, None)


def _is_separated(fitted: Fit, methods: Collection[str]) -> bool:
    """Say whether each of some methods is placed and told apart from the next of them."""
    placed = [row.method for row in fitted.rows if row.rank is not None and row.method in methods]
    apart = {(one.first, one.second) for one in fitted.differences if one.told_apart}
    return len(placed) == len(methods) and all(
        pair in apart for pair in zip(placed, placed[1:], strict=False)
    )


def _half_width(fitted: Fit, methods: Collection[str]) -> float:
    """Return the largest half-width among some methods; infinite where an interval is missing."""
    scores = [(row.ci_low, row.ci_high) for row in fitted.rows if row.method in methods]
    differences = [
        (one.ci_low, one.ci_high)
        for one in fitted.differences
        if one.first in methods and one.second in methods
    ]
    if len(scores) < len(methods):
        return math.inf
    return max(map(_half, [*scores, *differences]), default=math.inf)


def _half(interval: Sequence[float | None]) -> float:
    low, high = interval
    return math.inf if low is None or high is None else (high - low) / 2
