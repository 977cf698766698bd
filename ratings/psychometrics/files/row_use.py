"""Which rows of a file of judgments are in use, and what is told of the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.counts.judgment_arrays import TIE
from ratings.psychometrics.files.file_forms import ANSWERS, NO_ANSWER
from ratings.psychometrics.files.judgment_fields import COMPARISON, GOLDEN

Codes = Mapping[str, NDArray[Any]]
_RIGHT = ANSWERS.index("right")


@dataclass
class RowUse:
    """What a variant leaves out, counted: a row as often as its column `count` says.

    "used" are answers that count, "careful" of them those that are not fast, "entered" with those
    about methods that have left, "all" all but those undone.
    """

    variant: str
    excluded: int = 0
    checks: int = 0
    unanswered: int = 0
    twins: int = 0
    _golden_raters: list[IntArray] = field(default_factory=list)
    _golden_halves: list[IntArray] = field(default_factory=list)

    def choose(self, codes: Codes, mine: BoolArray) -> BoolArray:
        """Return which of the rows that are `mine` are in use, and count the others of them."""
        compared = mine & (codes["kind"] == COMPARISON)
        standing = compared & ~self._is_out(codes)
        answered = standing & (codes["choice"] != ANSWERS.index(NO_ANSWER))
        in_use: BoolArray = answered & (codes["left"] != codes["right"])
        self.checks += _count(codes, mine & ~compared)
        self.excluded += _count(codes, compared & ~standing)
        self.unanswered += _count(codes, standing & ~answered)
        self.twins += _count(codes, answered & ~in_use)
        return in_use

    def take_goldens(self, codes: Codes, mine: BoolArray, original: int) -> None:
        """Count answers to golden trials that stand; `original` is the right one's number."""
        sides = codes["left"], codes["right"]
        known = (sides[0] == original) | (sides[1] == original)
        golden = mine & (codes["kind"] == GOLDEN) & (codes["undone_at"] == 0) & known
        golden &= codes["choice"] != ANSWERS.index(NO_ANSWER)
        choice = codes["choice"][golden]
        chosen = np.where(choice == _RIGHT, sides[1][golden], sides[0][golden])
        self._golden_raters.append(codes["rater"][golden].astype(np.int64))
        self._golden_halves.append(np.where(choice == TIE, 1, 2 * (chosen == original)))

    def goldens(self, raters: tuple[str, ...]) -> dict[str, tuple[float, float]]:
        """Return each rater's right and wrong answers to golden trials, a tie half of each.

        Nothing is told where the file doesn't say who judged: `raters` is empty then.
        """
        if not (self._golden_raters and raters):
            return {}
        rater = np.concatenate(self._golden_raters)
        count = np.bincount(rater)
        right = np.bincount(rater, np.concatenate(self._golden_halves)) / 2
        return {
            raters[who]: (float(right[who]), float(count[who] - right[who]))
            for who in np.flatnonzero(count)
        }

    def _is_out(self, codes: Codes) -> BoolArray:
        out: BoolArray = np.greater(codes["undone_at"], 0)
        if self.variant == "entered":
            out |= (codes["excluded"] > 0) & (codes["method_out"] == 0)
        elif self.variant != "all":
            out |= codes["excluded"] > 0
        if self.variant == "careful":
            out |= codes["fast"] > 0
        return out


def _count(codes: Codes, chosen: BoolArray) -> int:
    return int(codes["count"][chosen].sum())
