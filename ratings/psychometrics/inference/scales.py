"""Scales: the units in which scores are shown, each a linear map of log odds with its anchor.

Scores are fitted and kept in log odds with mean 0 over the methods on the scale, which those with
an open end are not. What a scale changes is the unit and the value of the mean; ranks, win rates
and which methods are told apart stay as they are.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ratings.psychometrics.inference.ranking_row import LENGTHS, PLACES

NAMES = ("natural", "elo", "jnd")
_ELO_MEAN = 2000.0


@dataclass(frozen=True)
class Scale:
    """A unit for scores: `unit` is worth `1 / per_log_odds` log odds, the mean is at `mean`.

    Scores are published with `decimals`, no more than log odds rounded to four allow, and stand
    on a page with `page_decimals`.
    """

    name: str
    title: str
    unit: str
    per_log_odds: float
    mean: float
    decimals: int
    page_decimals: int

    @property
    def anchor(self) -> str:
        """What the numbers mean: where the mean lies, and what one step is worth."""
        return f"The methods on the scale have a mean of {self.mean:g}; {_MEANINGS[self.name]}."

    def place(self, log_odds: float | None) -> float | None:
        """Return where a score lies on this scale, as it is published."""
        return None if log_odds is None else self._published(self.mean, log_odds)

    def length(self, log_odds: float | None) -> float | None:
        """Return a length (a standard error, a difference) on this scale, as it is published."""
        return None if log_odds is None else self._published(0.0, log_odds)

    def convert(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a ranking's row (any of `ranking_row.FIGURES`) with its scores on this scale."""
        places = {name: self.place(row[name]) for name in PLACES if name in row}
        lengths = {name: self.length(row[name]) for name in LENGTHS if name in row}
        return {**row, **places, **lengths}

    def as_json(self) -> dict[str, str | float]:
        """Return the scale as a plain object: name, unit, mean, anchor."""
        return {"name": self.name, "unit": self.unit, "mean": self.mean, "anchor": self.anchor}

    def _published(self, mean: float, log_odds: float) -> float:
        # Adding 0.0 turns -0.0 into 0.0.
        return round(mean + self.per_log_odds * log_odds, self.decimals) + 0.0


_MEANINGS = {
    "natural": "one more means odds of e (2.72) to 1 of being preferred",
    "elo": "400 more mean odds of 10 to 1 of being preferred",
    "jnd": "one more means being preferred in 75 % of pairs",
}


def scale(name: str, mean: float | None = None) -> Scale:
    """Return the scale called `name`: natural, elo or jnd.

    - natural: log odds, the Bradley-Terry model's own unit (Bradley & Terry 1952), mean 0
    - elo: 400 / ln 10 points per log odds (Elo 1978), mean `mean`, 2000 where it is not given
    - jnd: just noticeable differences, one being what 75 % of pairs show (Thurstone's unit as
      Perez-Ortiz & Mantiuk 2017 anchor it, with the logistic curve): ln 3 log odds, mean 0

    Raises ValueError for another name, a mean that is not finite, or one that the scale has fixed.
    """
    if name not in NAMES:
        raise ValueError(f"There is no scale {name!r}: choose one of {', '.join(NAMES)}.")
    if mean is not None and name != "elo":
        raise ValueError(f"The {name} scale has mean 0: leave the mean out, or take the elo scale.")
    if mean is not None and not math.isfinite(mean):
        raise ValueError(f"The mean must be a finite number, such as 2000, not {mean}.")
    if name == "elo":
        center = _ELO_MEAN if mean is None else float(mean)
        return Scale("elo", "Elo", "Elo points", 400 / math.log(10), center, 1, 0)
    if name == "jnd":
        return Scale("jnd", "JND", "just noticeable differences", 1 / math.log(3), 0.0, 3, 2)
    return Scale("natural", "Score", "log odds", 1.0, 0.0, 4, 2)
