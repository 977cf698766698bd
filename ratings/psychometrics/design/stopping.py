"""When a study may stop, although its judgments are looked at while they come.

To look again and again and stop as soon as 95 % confidence is reached is to be wrong far more often
than 5 % of the time (Armitage, McPherson & Rowe 1969). So the interim analyses (looks) of a study
are at judgment counts that are fixed beforehand and grow geometrically, and each look spends an
equal share of the error 1 - level (alpha spending: Lan & DeMets 1983; all shares added up, so that
nothing need be known of how looks depend on each other). docs/judging.md has the rules,
docs/validation.md says what they cost.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise

from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.inference.fitting import Fit, Settings, fit

# From 300 to 665,000 judgments with 15 methods: more than a study needs. Fewer looks further
# apart, or more of them, would stop later on average.
LOOKS = 20


@dataclass(frozen=True)
class Rule:
    """When to stop: as soon as one of the conditions that are set is met; without any, never.

    `separated`: every method is told apart from the next. `half_width`, in log odds: no interval,
    of a score or of a difference, reaches further than this to either side, and not all judgments
    are ties. `judgments`: so many are there. Raises ValueError for a half-width or a number of
    judgments that isn't above 0.
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


def looks(methods: int) -> list[int]:
    """Return the numbers of judgments at which a study of so many methods is looked at.

    The first is at 20 judgments a method, at least 100; each later one at half as many more.
    """
    counts = [max(100, 20 * methods)]
    while len(counts) < LOOKS:
        counts.append(counts[-1] + counts[-1] // 2)
    return counts


def look_number(judgments: int, methods: int) -> int:
    """Return how many looks are due by so many judgments: 0 before the first, at most `LOOKS`."""
    return sum(look <= judgments for look in looks(methods))


def look_level(level: float) -> float:
    """Return the confidence of one look, so that all looks together have `level`."""
    return 1 - (1 - level) / LOOKS


def verdict(
    tally: Tally,
    methods: Collection[str],
    rule: Rule,
    last_look: int,
    settings: Settings | None = None,
) -> Verdict:
    """Say whether a study may stop; `last_look` is the number of its last look (0: none yet).

    `methods` are those that still take part: the others need not be told apart. `settings` are
    those of the published ranking; its level is that of the whole study. A look that was made is
    not made again, since that would spend its error twice; one that comes late, because many
    judgments came at once, is as good as one in time.
    """
    if rule.judgments is not None and tally.judgments >= rule.judgments:
        return Verdict(last_look, f"the budget of {rule.judgments:,} judgments is used up")
    due = look_number(tally.judgments, len(methods))
    if due <= last_look or not (rule.separated or rule.half_width):
        return Verdict(last_look, None)
    settings = settings or Settings()
    # Ties alone may be raters who don't look: nobody knows yet how wide an interval is.
    decided = tally.ties().sum() / 2 < tally.judgments
    narrow = rule.half_width if decided else None
    if narrow and _half_width(fit(tally, settings), methods) <= narrow:
        limit = f"{rule.half_width:g} log odds (look {due})"
        return Verdict(due, f"no {100 * settings.level:g} % interval reaches further than {limit}")
    strict = replace(settings, level=look_level(settings.level))
    if rule.separated and _separated(fit(tally, strict), methods):
        return Verdict(due, f"every method is told apart from the next (look {due})")
    return Verdict(due, None)


def _half_width(published: Fit, methods: Collection[str]) -> float:
    """Return the largest half-width among some methods; infinite where an interval is missing.

    How wide intervals are hardly depends on who is ahead, so stopping by it costs no error (Chow &
    Robbins 1965).
    """
    rows = [row for row in published.rows if row.method in methods]
    pairs = [pair for pair in published.differences if {pair.first, pair.second} <= set(methods)]
    bounds = [(row.ci_low, row.ci_high) for row in rows]
    bounds += [(pair.ci_low, pair.ci_high) for pair in pairs]
    known = [(high - low) / 2 for low, high in bounds if low is not None and high is not None]
    complete = len(rows) == len(methods) and len(known) == len(bounds)
    return max(known, default=math.inf) if complete else math.inf


def _separated(strict: Fit, methods: Collection[str]) -> bool:
    """Say whether each of some methods is ranked and told apart from the next of them."""
    order = [row.method for row in strict.rows if row.rank is not None and row.method in methods]
    apart = {(pair.first, pair.second) for pair in strict.differences if pair.told_apart}
    return 1 < len(order) == len(methods) and apart.issuperset(pairwise(order))
