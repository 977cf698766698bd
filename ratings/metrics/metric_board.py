"""The board of metrics, as it was scored last: rows by accuracy, for pages, CSV and JSON."""

from typing import Any

from ratings.challenge.models import Dataset
from ratings.metrics.models import MetricTrack

COEFFICIENTS = ("spearman", "kendall", "pearson")
METRIC_COLUMNS = [
    *("rank", "metric", "team", "kind", "form"),
    *("accuracy", "accuracy_low", "accuracy_high", "behind", "behind_low", "behind_high"),
    *(f"{name}{end}" for name in COEFFICIENTS for end in ("", "_low", "_high")),
    "problem",
]
NO_RESULTS: dict[str, Any] = {"judgments": 0, "rows": [], "differences": []}


def results_of(track: MetricTrack, dataset: Dataset | None = None) -> dict[str, Any]:
    """Return what was scored last, on all data sets or one; a single data set is all."""
    several = len(track.results) > 1
    slug = dataset.slug if dataset and several else ""
    found: dict[str, Any] = track.results.get(slug, NO_RESULTS)
    return found


def rename_team(track: MetricTrack, was: str, name: str) -> None:
    """Put a team's new name into the board as it was scored last."""
    for results in track.results.values():
        for row in results["rows"]:
            row["team"] = name if row["team"] == was else row["team"]
    track.save(update_fields=["results"])


def metric_rows(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one dict a metric with `METRIC_COLUMNS`; `behind` is how far the first is ahead.

    Equal accuracies share a rank; a metric that could not be scored has none, and a problem.
    """
    behind = {one["second"]: one for one in results["differences"] if one["first"] == 0}
    values = [row["accuracy"]["value"] for row in results["rows"] if row["accuracy"]]
    return [
        {
            "rank": values.index(row["accuracy"]["value"]) + 1 if row["accuracy"] else None,
            **{name: row[name] for name in ("metric", "team", "kind", "form")},
            **_interval("accuracy", row["accuracy"]),
            **_interval("behind", behind.get(place)),
            **{
                key: value
                for name in COEFFICIENTS
                for key, value in _interval(name, row["correlations"].get(name)).items()
            },
            "problem": row["problem"],
        }
        for place, row in enumerate(results["rows"])
    ]


def board_document(track: MetricTrack, dataset: Dataset | None) -> dict[str, Any]:
    """Return the board with all differences and what it is made of, for JSON."""
    results = results_of(track, dataset)
    rows = results["rows"]
    return {
        "study": track.study.slug,
        "dataset": dataset.slug if dataset else None,
        "attempts": track.attempts,
        "scored_at": track.scored_at.isoformat() if track.scored_at else None,
        "judgments": results["judgments"],
        "raters": results.get("raters", 0),
        "pictures": results.get("pictures", 0),
        "simulated": results.get("simulated", False),
        "ceiling": results.get("ceiling"),
        "results": metric_rows(results),
        "differences": [
            one | _identity("first", rows[one["first"]]) | _identity("second", rows[one["second"]])
            for one in results["differences"]
        ],
    }


def _identity(which: str, row: dict[str, Any]) -> dict[str, str]:
    """Return a metric's name and its team's: two teams may have metrics of one name."""
    return {which: row["metric"], f"{which}_team": row["team"]}


def _interval(name: str, share: dict[str, Any] | None) -> dict[str, Any]:
    given = share or {"value": None, "low": None, "high": None}
    return {name: given["value"], f"{name}_low": given["low"], f"{name}_high": given["high"]}
