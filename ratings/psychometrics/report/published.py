"""What of a fit is published beside its rows: pairs and wider intervals, rounded, as plain values.

Rounding happens here and in `fitting.ranking_table` alone, so that a stored ranking and one fitted
again from its judgments agree to the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from scipy import special

from ratings.psychometrics.inference.fitting import PUBLISHED_DECIMALS, Fit
from ratings.psychometrics.inference.open_ends import OpenEnd

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
    """Return the pairs of a fit in order of rank, better one first, as printed."""
    return [
        Chance(
            first=difference.first,
            second=difference.second,
            probability=round(difference.probability, PUBLISHED_DECIMALS),
            low=_rounded(difference.probability_low),
            high=_rounded(difference.probability_high),
            told_apart=difference.told_apart,
        )
        for difference in fit.differences
    ]


def chances_of(pairs: Iterable[Chance], method: str) -> list[Chance]:
    """Return a method's pairs, each seen from its side."""
    return [
        chance if chance.first == method else chance.turned()
        for chance in pairs
        if method in (chance.first, chance.second)
    ]


def to_columns(methods: Sequence[str], pairs: Sequence[Chance]) -> dict[str, Any]:
    """Return `chances` of pairs of `methods`, in their order, as lists: small enough to store."""
    known = {(chance.first, chance.second): chance for chance in pairs}
    in_order = [known.get(pair) for pair in combinations(methods, 2)]
    columns = {
        name: [None if chance is None else getattr(chance, name) for chance in in_order]
        for name in _COLUMNS
    }
    return {"methods": list(methods), **columns}


def from_columns(kept: Mapping[str, Any]) -> list[Chance]:
    """Return what `to_columns` was made of."""
    pairs = combinations(kept.get("methods", ()), 2)
    columns = zip(*(kept.get(name, ()) for name in _COLUMNS), strict=True)
    rows = zip(pairs, columns, strict=True)
    return [Chance(*pair, *values) for pair, values in rows if values[0] is not None]


def ends_to_json(ends: Mapping[str, OpenEnd]) -> dict[str, Any]:
    """Return open ends as plain values, rounded, to store or print."""
    return {name: asdict(end) | {"at_least": _rounded(end.at_least)} for name, end in ends.items()}


def ends_from_json(kept: Mapping[str, Any]) -> dict[str, OpenEnd]:
    """Return what `ends_to_json` was made of."""
    return {name: OpenEnd(**values) for name, values in kept.items()}


def covariance(fit: Fit) -> list[list[float]] | None:
    """Return the covariance of the placed methods' scores in order of rank; None without any."""
    if fit.covariance is None:
        return None
    rounded: list[list[float]] = (fit.covariance.round(_COVARIANCE_DECIMALS) + 0.0).tolist()
    return rounded


def interval_at_level(
    low: float, high: float, degrees_of_freedom: float, level: float, wanted: float
) -> tuple[float, float]:
    """Return a symmetric Student's t interval of one level at another level."""
    ratio = _quantile(degrees_of_freedom, wanted) / _quantile(degrees_of_freedom, level)
    middle, reach = (low + high) / 2, (high - low) / 2 * ratio
    return middle - reach, middle + reach


def _quantile(degrees_of_freedom: float, level: float) -> float:
    return float(special.stdtrit(degrees_of_freedom, (1 + level) / 2))


def _complement(probability: float) -> float:
    return round(1 - probability, PUBLISHED_DECIMALS)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PUBLISHED_DECIMALS)
