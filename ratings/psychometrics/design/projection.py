"""How many more judgments until neighbours in a ranking are told apart: a rough look ahead.

Taken as true is what the ranking says now: its differences, and its standard errors, whose squares
fall as error^2 = a + b / judgments. `a` is what tastes and pictures leave; an earlier look at the
same study, at about half the judgments, tells it (`sample_size.Forecast.floor`). A difference is
told apart when it is q standard errors wide; q is a normal distribution's one-sided quantile, the
error shared among all neighbours (Bonferroni), which is close to what `ranks` does.

Where that takes more than `MOST_TIMES` the judgments there are, no number is given. The difference
is then less than a tenth of what could be told apart today, a fifth of its own error: its sign is
right in six of ten such cases, so what would be extrapolated is noise. Such methods are practically
equal for these raters on these pictures.

Where a difference is large enough to be told, but not beside what tastes or pictures leave
(`floor.Floor`), more judgments don't help either, and it is said what does: pictures, where what
they leave hides it from any number of raters; else more raters.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.design.floor import NO_FLOOR, Floor
from ratings.psychometrics.design.sample_size import HALF, floor_share

MOST_TIMES = 100
Lacking = Literal["raters", "pictures"]


@dataclass(frozen=True)
class Look:
    """A ranking's placed methods in order of rank, with their scores and covariance."""

    judgments: int
    methods: Sequence[str]
    scores: Sequence[float]
    covariance: ArrayLike

    def neighbours(self, pairs: Sequence[tuple[str, str]]) -> tuple[FloatArray, FloatArray] | None:
        """Return differences and squared errors of pairs, (pairs,); None if one lacks a place."""
        place = {name: number for number, name in enumerate(self.methods)}
        if not all(name in place for pair in pairs for name in pair):
            return None
        first, second = np.array([[place[name] for name in pair] for pair in pairs]).T
        score, cov = np.asarray(self.scores, float), np.asarray(self.covariance, float)
        squares = cov[first, first] + cov[second, second] - 2 * cov[first, second]
        return score[first] - score[second], squares


@dataclass(frozen=True)
class Neighbours:
    """Two methods next to each other: `more` judgments of the study until they are told apart.

    0 where they are, None where no number of judgments that can be meant will do: `lacking` says
    what would, None that they are practically equal.
    """

    first: str
    second: str
    difference: float
    error: float
    more: int | None
    lacking: Lacking | None = None


@dataclass(frozen=True)
class Projection:
    """All neighbours in order of rank. `floor` is the share of the squared errors that stays.

    None where no earlier look tells it; it is then taken as 0, and the numbers are the least.
    """

    neighbours: tuple[Neighbours, ...]
    floor: float | None

    @property
    def more(self) -> int:
        """How many more judgments all neighbours need that are not practically equal."""
        needed = [pair.more for pair in self.neighbours if pair.more is not None]
        return max(needed, default=0)

    @property
    def equal(self) -> int:
        """How many neighbours are practically equal."""
        return sum(pair.more is None and pair.lacking is None for pair in self.neighbours)

    def lack(self, what: Lacking) -> int:
        """Return how many neighbours only more raters, or only more pictures, would separate."""
        return sum(pair.lacking == what for pair in self.neighbours)


def projection(
    now: Look,
    earlier: Sequence[Look],
    told_apart: Sequence[tuple[str, str]],
    level: float = 0.95,
    left: Floor = NO_FLOOR,
) -> Projection:
    """Look ahead from a ranking, with those of its pairs that are told apart by its own test.

    `left` is what its raters and pictures leave, as far as it is known.
    """
    pairs = list(pairwise(now.methods))
    neighbours = now.neighbours(pairs) if pairs else None
    if neighbours is None:
        return Projection((), None)
    difference, squares = neighbours
    floor = _floor(now, earlier, pairs, float(squares.mean()))
    quantile = float(special.ndtri(1 - (1 - level) / len(pairs)))
    rows = zip(pairs, difference.tolist(), squares.tolist(), strict=True)
    neighbours_ahead = []
    for pair, apart, square in rows:
        ahead: tuple[int | None, Lacking | None] = (0, None)
        if pair not in told_apart:
            ahead = _ahead(now.judgments, (apart / quantile) ** 2, square, floor or 0.0, left)
        neighbours_ahead.append(Neighbours(*pair, apart, math.sqrt(max(square, 0)), *ahead))
    return Projection(tuple(neighbours_ahead), floor)


def _ahead(
    judgments: int, wanted: float, square: float, floor: float, left: Floor
) -> tuple[int | None, Lacking | None]:
    """Return how many more judgments a squared error needs, and what is lacking if none will do."""
    if _more(judgments, wanted, square, 0.0) is None:
        return None, None
    if wanted <= 2 * left.pictures:
        return None, "pictures"
    more = _more(judgments, wanted, square, floor)
    if more is not None or left == NO_FLOOR:
        return more, None
    return None, "raters" if left.raters >= left.pictures else "pictures"


def _more(judgments: int, wanted: float, square: float, floor: float) -> int | None:
    """Return how many more judgments bring a squared error down to the wanted one.

    None where that takes more than can be meant.
    """
    if wanted <= floor * square:
        return None
    needed = judgments * (1 - floor) * square / (wanted - floor * square)
    return max(1, math.ceil(needed - judgments)) if needed <= MOST_TIMES * judgments else None


def _floor(
    now: Look, earlier: Sequence[Look], pairs: Sequence[tuple[str, str]], square: float
) -> float | None:
    """Return the share of the mean squared error that stays, by the latest look far enough back."""
    for look in sorted(earlier, key=lambda look: -look.judgments):
        neighbours = look.neighbours(pairs)
        if look.judgments <= HALF * now.judgments and neighbours is not None:
            return floor_share(
                (look.judgments, float(neighbours[1].mean())), (now.judgments, square)
            )
    return None
