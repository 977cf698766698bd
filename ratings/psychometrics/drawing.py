"""What the figures of a ranking are made of: plain values, from a fit or from a stored ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ratings.psychometrics.fitting import Fit, table
from ratings.psychometrics.printed import Chance, chances, restated
from ratings.psychometrics.scales import Scale

# The level of the thin interval, drawn beside that of the ranking.
WIDE_LEVEL = 0.99
_FIGURES = ("rank", "rank_low", "rank_high", "score", "ci_low", "ci_high")


@dataclass(frozen=True)
class Method:
    """A placed method as it is drawn; scores are on the drawing's scale, None where unknown.

    `kind` is competing, ineligible or baseline; `psnr_db` is None where it is not known.
    """

    name: str
    rank: int
    score: float
    rank_low: int | None = None
    rank_high: int | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    wide_low: float | None = None
    wide_high: float | None = None
    kind: str = "competing"
    psnr_db: float | None = None


@dataclass(frozen=True)
class Drawing:
    """What figures are made of: placed methods by rank, their pairs, and what they come from."""

    title: str
    facts: str
    scale: Scale
    methods: Sequence[Method]
    chances: Sequence[Chance]


def drawing_of_fit(fit: Fit, scale: Scale, title: str) -> Drawing:
    """Return what figures are made of, from a fit."""
    return Drawing(
        title=title,
        facts=f"{fit.judgments:,} judgments, {fit.raters:,} raters, {fit.pictures:,} pictures",
        scale=scale,
        methods=[_method(fit, scale, row) for row in table(fit) if row["rank"] is not None],
        chances=chances(fit),
    )


def _method(fit: Fit, scale: Scale, row: dict[str, Any]) -> Method:
    interval = row["ci_low"], row["ci_high"], row["degrees_of_freedom"]
    wide_low, wide_high = wide_interval(scale, *interval, fit.settings.level)
    return Method(
        name=row["method"],
        wide_low=wide_low,
        wide_high=wide_high,
        **scale.convert({name: row[name] for name in _FIGURES}),
    )


def wide_interval(
    scale: Scale,
    low: float | None,
    high: float | None,
    degrees_of_freedom: float | None,
    level: float,
) -> tuple[float | None, float | None]:
    """Return on a scale the interval at `WIDE_LEVEL` of one in log odds; Nones without it."""
    if low is None or high is None or degrees_of_freedom is None:
        return None, None
    wide = restated(low, high, degrees_of_freedom, level, WIDE_LEVEL)
    return scale.place(wide[0]), scale.place(wide[1])
