"""What of a fit is published beside its rows: pairs and wider intervals, rounded, as plain values.

Rounding happens here and in `fitting.table` alone, so that a stored ranking and one fitted again
from its judgments agree to the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from scipy import special

from ratings.psychometrics.fitting import PRINTED_DECIMALS, Fit

_COLUMNS = ("probability", "low", "high", "told_apart")
_COVARIANCE_DECIMALS = 6


@dataclass(frozen=True)
class Chance:
    """How likely `first` is preferred to `second`; the interval is None where none exists.

    The interval is for this pair alone, `told_apart` holds for all pairs at once.
    """

    first: str
    second: str
    probability: float
    low: float | None
    high: float | None
    told_apart: bool

    def turned(self) -> "Chance":
        """Return the same seen from the other side."""
        return Chance(
            first=self.second,
            second=self.first,
            probability=_complement(self.probability),
            low=None if self.high is None else _complement(self.high),
            high=None if self.low is None else _complement(self.low),
            told_apart=self.told_apart,
        )


def chances(fit: Fit) -> list[Chance]:
    """Return all pairs of placed methods in order of rank, better one first, as printed."""
    return [
        Chance(
            first=one.first,
            second=one.second,
            probability=round(one.probability, PRINTED_DECIMALS),
            low=_rounded(one.probability_low),
            high=_rounded(one.probability_high),
            told_apart=one.told_apart,
        )
        for one in fit.differences
    ]


def against(pairs: Iterable[Chance], method: str) -> list[Chance]:
    """Return a method's pairs, each seen from its side."""
    return [
        one if one.first == method else one.turned()
        for one in pairs
        if method in (one.first, one.second)
    ]


def to_columns(methods: Sequence[str], pairs: Sequence[Chance]) -> dict[str, Any]:
    """Return `chances` of all pairs of `methods` as lists: small enough to store."""
    columns = {name: [getattr(one, name) for one in pairs] for name in _COLUMNS}
    return {"methods": list(methods), **columns}


def from_columns(kept: Mapping[str, Any]) -> list[Chance]:
    """Return what `to_columns` was made of."""
    pairs = combinations(kept.get("methods", ()), 2)
    columns = zip(*(kept.get(name, ()) for name in _COLUMNS), strict=True)
    return [Chance(*pair, *values) for pair, values in zip(pairs, columns, strict=True)]


def covariance(fit: Fit) -> list[list[float]] | None:
    """Return the covariance of the placed methods' scores in order of rank; None without any."""
    if fit.covariance is None:
        return None
    rounded: list[list[float]] = (fit.covariance.round(_COVARIANCE_DECIMALS) + 0.0).tolist()
    return rounded


def restated(
    low: float, high: float, degrees_of_freedom: float, level: float, wanted: float
) -> tuple[float, float]:
    """Return a symmetric Student's t interval of one level at another level."""
    ratio = _quantile(degrees_of_freedom, wanted) / _quantile(degrees_of_freedom, level)
    middle, reach = (low + high) / 2, (high - low) / 2 * ratio
    return middle - reach, middle + reach


def _quantile(degrees_of_freedom: float, level: float) -> float:
    return float(special.stdtrit(degrees_of_freedom, (1 + level) / 2))


def _complement(probability: float) -> float:
    return round(1 - probability, PRINTED_DECIMALS)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PRINTED_DECIMALS)
