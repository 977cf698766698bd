"""What the figures of a ranking are made of: plain values, from a fit or from a stored ranking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratings.psychometrics.inference.fitting import Fit, ranking_table
from ratings.psychometrics.inference.open_ends import OpenEnd
from ratings.psychometrics.inference.scales import Scale
from ratings.psychometrics.report.cluster_words import from_clusters
from ratings.psychometrics.report.published import Chance, chances, interval_at_level
from ratings.psychometrics.rounding import counted

# The level of the thin interval, drawn beside that of the ranking.
WIDE_LEVEL = 0.99
_FIGURES = ("rank", "rank_low", "rank_high", "score", "ci_low", "ci_high")


@dataclass(frozen=True)
class Method:
    """A ranked method as it is drawn; scores are on the drawing's scale, None where unknown.

    One that has no score is `open`: from `start` on upwards ("above") or downwards ("below"), or
    somewhere ("between"); `bound` is what its score is at least, or at most. `kind` is competing,
    ineligible or baseline; `psnr_db` is None where it is not known.
    """

    name: str
    rank: int
    score: float | None
    rank_low: int | None = None
    rank_high: int | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    wide_low: float | None = None
    wide_high: float | None = None
    kind: str = "competing"
    psnr_db: float | None = None
    open: str = ""
    start: float | None = None
    bound: float | None = None


@dataclass(frozen=True)
class Drawing:
    """What figures are made of: ranked methods by rank, their pairs, and what they come from."""

    title: str
    facts: str
    scale: Scale
    methods: Sequence[Method]
    chances: Sequence[Chance]

    def texts(self) -> list[str]:
        """Return what is written in it besides words of the figures' own."""
        return [self.title, self.facts, *(method.name for method in self.methods)]


def drawing_of_fit(fit: Fit, scale: Scale, title: str) -> Drawing:
    """Return what figures are made of, from a fit."""
    rows: list[dict[str, Any]] = [row for row in ranking_table(fit) if row["rank"] is not None]
    scores = {row["method"]: scale.place(row["score"]) or 0.0 for row in rows}
    bounds = {row.method: scale.place(row.score_bound) for row in fit.rows}
    starts = open_starts(scores, bounds, fit.open_ends, scale)
    return Drawing(
        title=title,
        facts=", ".join(
            [
                counted(fit.judgments, "judgment"),
                from_clusters(counted(fit.raters, "rater"), fit.rater_groups, "group"),
                from_clusters(counted(fit.pictures, "picture"), fit.scenes, "scene"),
            ]
        ),
        scale=scale,
        methods=[_method(fit, scale, row, starts, bounds) for row in rows],
        chances=chances(fit),
    )


def _method(
    fit: Fit,
    scale: Scale,
    row: dict[str, Any],
    starts: Mapping[str, float],
    bounds: Mapping[str, float | None],
) -> Method:
    interval = row["ci_low"], row["ci_high"], row["degrees_of_freedom"]
    wide_low, wide_high = wide_interval(scale, *interval, fit.settings.level)
    figures = scale.convert({name: row[name] for name in _FIGURES})
    end = fit.open_ends.get(row["method"])
    return Method(
        name=row["method"],
        wide_low=wide_low,
        wide_high=wide_high,
        open=end.direction if end else "",
        start=starts.get(row["method"]),
        bound=bounds[row["method"]],
        **figures | ({"score": None} if end else {}),
    )


def open_starts(
    scores: Mapping[str, float],
    bounds: Mapping[str, float | None],
    ends: Mapping[str, OpenEnd],
    scale: Scale,
) -> dict[str, float]:
    """Return where on a scale the open ends above and below begin, by method.

    `scores` are those of all ranked methods on that scale, in order of rank; those of methods with
    an open end make no difference. An end begins at the bound of its score. Where none is known,
    it begins at the method that it is next to, or beyond it by as much as is sure; with no method
    on the scale, at its mean.
    """
    at = {name: score for name, score in scores.items() if name not in ends}
    for direction, sign, names in (("above", 1, [*scores][::-1]), ("below", -1, [*scores])):
        for name in names:
            if name in ends and ends[name].direction == direction:
                beyond = scale.length(ends[name].at_least or 0.0) or 0.0
                next_to = at.get(ends[name].next_to or "", scale.mean) + sign * beyond
                bound = bounds.get(name)
                at[name] = next_to if bound is None else bound
    return {name: at[name] for name in at if name in ends}


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
    wide = interval_at_level(low, high, degrees_of_freedom, level, WIDE_LEVEL)
    return scale.place(wide[0]), scale.place(wide[1])
