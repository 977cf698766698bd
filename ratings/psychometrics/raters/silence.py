"""Whether a study has fallen silent, by its own rhythm: a predictive test that counts raters.

Raters come as a Poisson process whose rate depends on the time of the day, and is not known. After
`count` raters came within an exposure of `days` like spans on earlier days, none comes in one such
span with the chance (days / (days + 1)) ** count: the negative binomial predictive distribution,
with the prior density 1 / rate (Aitchison and Dunsmore 1975, Statistical Prediction Analysis).
"""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import FloatArray, IntArray

HOUR, DAY = 3600.0, 86_400.0
# A silence that is shorter is none; a longer one is rarer than this in a study that goes on.
LEAST_SECONDS = HOUR
RARE = 0.001
MOST_DAYS = 14


@dataclass(frozen=True)
class Silence:
    """For how long nobody judged, how many raters did at these hours on a usual day, by chance."""

    seconds: float
    usual_raters: float
    chance: float


def find_silence(rater: IntArray, at: FloatArray, now: float) -> Silence | None:
    """Return a study's silence where it is not by chance; None where it is, or nothing is known.

    `rater` (answers,) are numbers of raters, `at` (answers,) when each answered and `now` the
    instant, in seconds since any time. Only the last `MOST_DAYS` days are asked.
    """
    if not len(at) or now - at.max() < LEAST_SECONDS:
        return None
    last, first = float(at.max()), float(at.min())
    quiet = now - last
    # The same hours on earlier days; whole days where it was silent for longer than one.
    step = DAY * np.ceil(quiet / DAY)
    days = int(min((last - first) // step, MOST_DAYS))
    if days:
        spans = [_raters(rater, at, last - step * day, quiet) for day in range(1, days + 1)]
        count, exposure = sum(spans), float(days)
    else:
        count, exposure = len(np.unique(rater)), max(last - first, HOUR) / quiet
    chance = float((exposure / (exposure + 1)) ** count)
    return Silence(quiet, count / exposure, chance) if chance <= RARE else None


def _raters(rater: IntArray, at: FloatArray, begin: float, seconds: float) -> int:
    """Return how many raters answered after `begin`, within so many seconds."""
    return len(np.unique(rater[(at > begin) & (at <= begin + seconds)]))
