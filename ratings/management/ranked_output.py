"""What `rank` prints: a ranking, or one for each value of a column, as a table or as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ratings.management.aligned import aligned, cell
from ratings.psychometrics.files.judgment_columns import Judgments
from ratings.psychometrics.inference.adjusting import Adjusted, adjustment, effect_words
from ratings.psychometrics.inference.fitting import PUBLISHED_DECIMALS, Fit, ranking_table
from ratings.psychometrics.inference.ranking_row import LENGTHS, PLACES
from ratings.psychometrics.inference.scales import Scale
from ratings.psychometrics.report.cluster_words import from_clusters
from ratings.psychometrics.report.published import chances
from ratings.psychometrics.rounding import counted

FIRTH_NOTE = (
    "firth_score is Firth's bias-reduced score (1993), finite for every ranked method: in all it "
    "adds about one virtual tie a method to the pairs that were judged. It has no interval, and "
    "puts methods in an order also where no judgment tells who is ahead."
)


@dataclass(frozen=True)
class Ranked:
    """A fit, what it is adjusted for, and where they are asked for bias-reduced scores by method.

    Those are in log odds.
    """

    adjusted: Adjusted
    firth: Mapping[str, float] | None = None

    @property
    def fit(self) -> Fit:
        """The fit itself."""
        return self.adjusted.fit

    def rows(self, shown: Scale) -> list[dict[str, Any]]:
        """Return the rows as printed, on a scale."""
        rows = [shown.convert(row) for row in ranking_table(self.fit)]
        if self.firth is None:
            return rows
        return [row | {"firth_score": shown.place(self.firth.get(row["method"]))} for row in rows]

    @property
    def notes(self) -> list[str]:
        """What is to be said of the fit, and of the bias-reduced scores."""
        return [*self.fit.notes, *([] if self.firth is None else [FIRTH_NOTE])]


def each_as_json(
    column: str, fits: Sequence[tuple[str, Ranked]], shown: Scale, judgments: Judgments
) -> dict[str, Any]:
    """Return the rankings by each value of a column for JSON; counts are of all together."""
    every = {"excluded": judgments.excluded, "checks": judgments.checks, "notes": judgments.notes}
    rankings = [
        {column: part, **_result_json(result, shown), "notes": result.notes}
        for part, result in fits
    ]
    return {"by": column, **every, "rankings": rankings}


def each_as_text(
    column: str, fits: Sequence[tuple[str, Ranked]], shown: Scale, judgments: Judgments
) -> str:
    """Return the rankings by each value of a column as tables, below them notes on all."""
    tables = [f"{column}: {part}\n{as_text(result, shown)}" for part, result in fits]
    notes = "\n".join(f"- {note}" for note in judgments.notes)
    return "\n\n".join([*tables, notes] if notes else tables)


def as_json(result: Ranked, shown: Scale, judgments: Judgments) -> dict[str, Any]:
    """Return a fit for JSON, numbers as printed in the table."""
    return _result_json(result, shown) | {
        "excluded": judgments.excluded,
        "checks": judgments.checks,
        "notes": [*judgments.notes, *result.notes],
    }


def _result_json(result: Ranked, shown: Scale) -> dict[str, Any]:
    made = result.fit
    return {
        "settings": asdict(made.settings),
        "scale": shown.as_json(),
        "input_sha256": made.input_sha256,
        "judgments": made.judgments,
        "raters": made.raters,
        "pictures": made.pictures,
        "rater_groups": made.rater_groups,
        "scenes": made.scenes,
        "provisional": made.provisional,
        "results": result.rows(shown),
        "groups": made.groups,
        "pairs": [asdict(chance) for chance in chances(made)],
    } | adjustment(result.adjusted)


def dumped(document: dict[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def as_text(result: Ranked, shown: Scale, read: Sequence[str] = ()) -> str:
    """Return a fit as a table, below it its scale, notes on what was `read`, and its own.

    What it is adjusted for stands between, an effect a line.
    """
    rows, made, adjusted = result.rows(shown), result.fit, result.adjusted
    cells = [list(rows[0]), *(_cells(row, shown) for row in rows)]
    lines = aligned(cells, list(rows[0]).index("method"))
    state = "Provisional: some neighbours are not told apart." if made.provisional else ""
    raters = from_clusters(counted(made.raters, "rater", grouped=False), made.rater_groups, "group")
    pictures = from_clusters(counted(made.pictures, "picture", grouped=False), made.scenes, "scene")
    counts = f"{counted(made.judgments, 'judgment', grouped=False)}, {raters}, {pictures}"
    notes = [f"- {note}" for note in (*read, *result.notes)]
    unit = f"Scores in {shown.unit}. {shown.anchor}"
    effects = ["- " + effect_words(effect) for effect in adjusted.effects]
    effects = [f"Adjusted for {', '.join(adjusted.names)}:", *effects] if adjusted.names else []
    return "\n".join([*lines, "", f"{counts}. {state}".rstrip(), unit, *effects, *notes])


def _cells(row: dict[str, Any], shown: Scale) -> list[str]:
    """Return a row as texts; nothing is a dash."""
    on_scale = (*PLACES, *LENGTHS, "firth_score")
    return [
        cell(value, shown.decimals if name in on_scale else PUBLISHED_DECIMALS)
        for name, value in row.items()
    ]
