"""A study's judgments as everybody may have them, by the rules of `anonymity.column_rules`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa

from ratings.anonymity.column_rules import MOST_FLIPS, RELEASED_COLUMNS, tenths
from ratings.anonymity.device_classes import OTHER, device_class
from ratings.anonymity.pseudonyms import pseudonym
from ratings.anonymity.small_cells import Cell, merged
from ratings.comparisons.models import Rater, Study, Visit
from ratings.ranking.evidence.judgment_rows import judgment_rows

DAY = timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class RaterCells:
    """People by device class and language: as they came, and as a release tells it."""

    found: Mapping[UUID, Cell]
    told: Mapping[UUID, Cell]

    @property
    def changed(self) -> int:
        """Number of people of whom less is told, because too few were like them."""
        return sum(self.found[rater] != cell for rater, cell in self.told.items())


def rater_cells(study: Study) -> RaterCells:
    """Return the cells of the study's people who answered something."""
    visits = Visit.objects.filter(rater__study=study).order_by("rater", "-number")
    screens = dict(visits.values_list("rater", "facts"))  # of each the first visit's
    people = study.raters.filter(
        simulated=False, trials__judgments__isnull=False, trials__judgments__undone_at=None
    )
    languages = people.distinct().values_list("pk", "language")
    found = {rater: (_device(screens.get(rater, {})), language) for rater, language in languages}
    return RaterCells(found, merged(found))


def anonymous_judgments(study: Study, secret: str, cells: Mapping[UUID, Cell]) -> list[Row]:
    """Return the judgments that were not undone, a rater's together, raters by their new names.

    `secret` makes the names; `cells` say what is told of devices and languages.
    """
    names: dict[str, str] = {}
    begun: dict[str, datetime] = {}
    placed: dict[str, int] = {}
    rows = []
    for row in judgment_rows(study):
        if row["undone_at"]:
            continue
        rater = row["rater"]
        if rater not in names:
            names[rater] = pseudonym(secret, UUID(rater).bytes)
            begun[rater] = datetime.fromisoformat(row["judged_at"])
        placed[rater] = placed.get(rater, 0) + 1
        device, language = cells.get(UUID(rater), (OTHER, OTHER))
        told = {
            "rater": names[rater],
            "response_ms": tenths(row["response_ms"]),
            "day": (datetime.fromisoformat(row["judged_at"]) - begun[rater]) // DAY,
            "exclusion_reason": _reason(row),
            "number": placed[rater],
            "language": language,
            "device": device,
            "flips": None if row["flips"] is None else min(row["flips"], MOST_FLIPS),
        }
        rows.append({name: told.get(name, row.get(name)) for name in RELEASED_COLUMNS})
    return sorted(rows, key=lambda row: (row["rater"], row["number"]))


def released_schema() -> pa.Schema:
    """Return the columns of released judgments and their types."""
    numbers = dict.fromkeys(
        (
            *("crop_x", "crop_y", "crop_width", "crop_height"),
            *("response_ms", "day", "number", "flips"),
            *("left_bytes", "right_bytes", "stratum_pictures", "dataset_pictures"),
        ),
        pa.int64(),
    )
    truths = dict.fromkeys(("excluded", "simulated", "fast", "method_out"), pa.bool_())
    return pa.schema(
        [(name, {**numbers, **truths}.get(name, pa.string())) for name in RELEASED_COLUMNS]
    )


def _device(facts: Mapping[str, Any]) -> str:
    return device_class(facts.get("screen_width"), facts.get("screen_height"))


def _reason(row: Mapping[str, Any]) -> str:
    """Return why an answer does not count, in words that say nothing of a person."""
    if not row["excluded"]:
        return ""
    if row["method_out"]:
        return "method left"
    is_used = row["rater_state"] == Rater.State.USED
    return "dropped by a rule" if is_used else "rater not used"
