"""Flags: what stands out about raters, for a person to look at. A flag excludes nobody."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from ratings.psychometrics.judgments import JudgmentArrays
from ratings.psychometrics.tally import FloatArray

# Of the flags of a kind, so many are false on average; and so many honest crowds get any of it.
RATE = 0.01
# Honest raters slip: no answer is expected with more certainty than this variance leaves.
_LEAST_NOISE = 0.05
# The variance of one more, even judgment: what a few judgments seem to tell is taken with salt.
ONE_MORE = 0.25


@dataclass(frozen=True)
class Flag:
    """Something about one or several raters that an honest crowd would hardly show.

    `raters` index those of the judgments; `statistic` is a standardized distance from what the
    crowd does, and `p_value` the chance of one so large from an honest rater, before allowing
    for how many were looked at; `words` say it plainly.
    """

    kind: str
    raters: tuple[int, ...]
    statistic: float
    p_value: float
    words: str


@dataclass(frozen=True, eq=False)
class Seen:
    """Judgments beside what the other raters would say.

    `chance`, one entry a judgment, is the probability that the left is preferred, by the scores
    without this rater; `distance` the same in log odds.
    """

    judgments: JudgmentArrays
    distance: FloatArray
    chance: FloatArray

    @property
    def raters(self) -> int:
        """Number of raters, those without judgments included."""
        return len(self.judgments.raters)

    @property
    def active(self) -> int:
        """Number of raters with judgments."""
        return int((self.counts > 0).sum())

    @cached_property
    def counts(self) -> FloatArray:
        """Number of judgments of each rater, shape (raters,)."""
        return self.per_rater(np.ones(len(self.judgments)))

    @property
    def residual(self) -> FloatArray:
        """1 or 0 or 1/2 for what was chosen, less the probability of the left."""
        return self.judgments.left_won - self.chance

    @property
    def noise(self) -> FloatArray:
        """The variance of each residual if chance and slips alone were at work."""
        return np.maximum(self.chance * (1 - self.chance), _LEAST_NOISE)

    def per_rater(self, value: FloatArray) -> FloatArray:
        """Add up one value a judgment for each rater."""
        total = np.bincount(self.judgments.rater, value, minlength=self.raters)
        return np.asarray(total, np.float64)


def seen(judgments: JudgmentArrays, without: FloatArray) -> Seen:
    """Set judgments beside the scores without their rater, shape (raters, methods)."""
    rater = judgments.rater
    distance = without[rater, judgments.left] - without[rater, judgments.right]
    return Seen(judgments, distance, np.asarray(special.expit(distance), np.float64))
