"""A study's judgments as everybody may have them, by the rules of `anonymity.column_rules`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db.models import QuerySet

from ratings.anonymity.column_rules import MOST_FLIPS, RELEASED_COLUMNS, tenths
from ratings.anonymity.device_classes import OTHER, device_class
from ratings.anonymity.pseudonyms import pseudonym
from ratings.anonymity.small_cells import LEAST_RATERS, Cell, merged_within, told_groups
from ratings.comparisons.models import Rater, Stage, Study, Visit
from ratings.comparisons.raters.rater_groups import rater_groups
from ratings.ranking.evidence.judgment_rows import judgment_rows

DAY = timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class RaterCells:
    """People by device class and language: as they came, and as a release tells it.

    `groups` are those of all raters, simulated ones too, that join several of them.
    """

    found: Mapping[UUID, Cell]
    told: Mapping[UUID, Cell]
    groups: Mapping[UUID, str]

    @property
    def changed(self) -> int:
        """Number of people of whom less is told, because too few were like them."""
        return sum(self.found[rater] != cell for rater, cell in self.told.items())

    @property
    def small_groups(self) -> dict[str, int]:
        """The number of people in each group with too few of them, "" being of no group."""
        sizes = Counter(self.groups.get(rater, "") for rater in self.found)
        return {
            group: size
            for group, size in sorted(sizes.items())
            if size < LEAST_RATERS and len(sizes) > 1
        }


def rater_cells(study: Study) -> RaterCells:
    """Return the cells of the study's people who answered something."""
    visits = Visit.objects.filter(rater__study=study).order_by("rater", "-number")
    screens = dict(visits.values_list("rater", "facts"))  # of each the first visit's
    people = _answered(study).filter(simulated=False)
    languages = people.values_list("pk", "language")
    found = {rater: (_device(screens.get(rater, {})), language) for rater, language in languages}
    answered = set(_answered(study).values_list("pk", flat=True))
    groups = {rater: group for rater, group in rater_groups(study).items() if rater in answered}
    groups = told_groups(groups)
    return RaterCells(found, merged_within(found, groups), groups)


def _answered(study: Study) -> QuerySet[Rater]:
    """Return the main stage's raters who answered something and did not take it back.

    Simulated ones are among them.
    """
    answered = study.raters.filter(
        stage=Stage.MAIN, trials__judgments__isnull=False, trials__judgments__undone_at=None
    )
    return answered.distinct()


def anonymous_judgments(study: Study, secret: str, cells: RaterCells) -> list[Row]:
    """Return the judgments that were not undone, a rater's together, raters by their new names.

    `secret` makes the names; `cells` say what is told of devices, languages and groups.
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
        device, language = cells.told.get(UUID(rater), (OTHER, OTHER))
        group = cells.groups.get(UUID(rater))
        told = {
            "rater": names[rater],
            "response_ms": tenths(row["response_ms"]),
            "day": (datetime.fromisoformat(row["judged_at"]) - begun[rater]) // DAY,
            "exclusion_reason": _reason(row),
            "number": placed[rater],
            "language": language,
            "device": device,
            "group": pseudonym(secret, f"group {group}".encode()) if group else None,
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
