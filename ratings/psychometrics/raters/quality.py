"""How carefully each rater judges, by the trials that check them.

Golden trials have a known answer; repeats show an earlier trial again, mirrored. The quality of a
rater is golden accuracy plus agreement with their own repeats: at best 2, and 1 on average for
random answers. A tie counts as the coin flip that it stands for: half right on a golden
trial, and the same as any other answer half of the time. So 1 is also what saying "can't decide"
to everything earns, and a threshold means the same whether a study allows ties or not.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, IntArray

# Where times and flips are read off: extremes, quarters and the median.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


class RaterVerdict(StrEnum):
    """What a rule with a threshold finds about a rater, by enough checks or by fewer."""

    ABOVE = "above"
    BELOW = "below"
    LIKELY = "likely"  # with too few checks, nothing speaks against the rater
    UNLIKELY = "unlikely"  # one just at the threshold would hardly pass so few
    UNKNOWN = "unknown"

    @property
    def is_against(self) -> bool:
        """Whether the rater is not used."""
        return self in (RaterVerdict.BELOW, RaterVerdict.UNLIKELY)


@dataclass(frozen=True)
class Quality:
    """One rater's checks: how many golden trials and repeats, and how many were passed.

    `right` and `alike` are multiples of 1/2, because of ties.
    """

    goldens: int = 0
    right: float = 0.0
    repeats: int = 0
    alike: float = 0.0

    @property
    def accuracy(self) -> float | None:
        """The share of golden trials that was right; None without any."""
        return self.right / self.goldens if self.goldens else None

    @property
    def consistency(self) -> float | None:
        """The share of repeats that was answered as before; None without any."""
        return self.alike / self.repeats if self.repeats else None

    @property
    def total(self) -> float | None:
        """Accuracy plus consistency, from 0 to 2; None without either."""
        if self.accuracy is None or self.consistency is None:
            return None
        return self.accuracy + self.consistency

    def is_below(self, threshold: float, least: int) -> bool | None:
        """Tell whether the quality is below a threshold; None with fewer than `least` of each."""
        if self.total is None or min(self.goldens, self.repeats) < least:
            return None
        # A sum of two quotients may miss the threshold by a rounding error.
        return self.total < threshold - 1e-9

    def chance(self, threshold: float) -> float | None:
        """Return how likely a rater just at a threshold passes so few checks; None without any.

        Exact binomial: such a rater passes each golden trial and each repeat with a chance of half
        the threshold. A tie is the half that it counts, so it does not make a whole one.
        """
        checks = self.goldens + self.repeats
        if not checks:
            return None
        return float(special.bdtr(np.floor(self.right + self.alike), checks, threshold / 2))

    def verdict(self, threshold: float, least: int, early: float) -> RaterVerdict:
        """Return what a rule finds: by the quality, or with fewer than `least` of each by `chance`.

        The latter only where `early`, the chance below which it speaks against the rater, is not 0.
        """
        below = self.is_below(threshold, least)
        if below is not None:
            return RaterVerdict.BELOW if below else RaterVerdict.ABOVE
        chance = self.chance(threshold)
        if not early or chance is None:
            return RaterVerdict.UNKNOWN
        return RaterVerdict.UNLIKELY if chance < early else RaterVerdict.LIKELY


def qualities(
    raters: int,
    golden_rater: IntArray,
    golden_right: FloatArray,
    repeat_rater: IntArray,
    before: FloatArray,
    again: FloatArray,
) -> list[Quality]:
    """Return each rater's quality, in the order of their numbers from 0 to `raters` - 1.

    `golden_right` has one entry a golden trial: 1, 0, or 1/2 for a tie. `before` and `again` have
    one entry a repeated trial: 1 where the same one of its two methods was preferred (the first,
    say, whatever its side), 0 for the other, 1/2 for a tie.
    """
    alike = before * again + (1 - before) * (1 - again)
    columns = (
        np.bincount(golden_rater, minlength=raters).tolist(),
        np.bincount(golden_rater, golden_right, minlength=raters).tolist(),
        np.bincount(repeat_rater, minlength=raters).tolist(),
        np.bincount(repeat_rater, alike, minlength=raters).tolist(),
    )
    return [Quality(*row) for row in zip(*columns, strict=True)]


def spreads(rater: IntArray, raters: int, value: FloatArray) -> FloatArray:
    """Return the quantiles of each rater's values at `LEVELS`, shape (raters, 5).

    Between two values it is interpolated (Hyndman & Fan 1996, type 7). nan where a rater has none;
    values that are nan are left out.
    """
    known = ~np.isnan(value)
    order = np.lexsort((value[known], rater[known]))
    values = value[known][order]
    count = np.bincount(rater[known], minlength=raters)
    quantiles = np.full((raters, len(LEVELS)), np.nan)
    some = count > 0
    first = (count.cumsum() - count)[some]
    place = np.outer(count[some] - 1, LEVELS)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, count[some][:, None] - 1)
    part = place - low
    quantiles[some] = (1 - part) * values[first[:, None] + low] + part * values[
        first[:, None] + high
    ]
    return quantiles


def shares(rater: IntArray, raters: int, value: FloatArray) -> FloatArray:
    """Return the mean of each rater's values, shape (raters,); nan for raters without any."""
    with np.errstate(invalid="ignore"):
        mean = np.bincount(rater, value, minlength=raters) / np.bincount(rater, minlength=raters)
    return np.asarray(mean, np.float64)
