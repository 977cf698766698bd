"""The table [study.pilot]: that a study is tried out first, and when it has been enough."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from ratings.challenge.keys.checks import whole
from ratings.comparisons.models import Stage, Study

MOST_RATERS = 100_000


@dataclass(frozen=True)
class PilotTable:
    """How many raters a pilot wants, who are done or at work: then it takes no newcomers.

    Without a number it goes on until an organizer ends it.
    """

    raters: Annotated[int | None, whole(1, MOST_RATERS)] = None


def dump_pilot(study: Study) -> dict[str, Any]:
    """Return the table as the key of a [[study]]; nothing for a study without a pilot."""
    if study.pilot is None:
        return {}
    return {"pilot": {key: value for key, value in study.pilot.items() if value is not None}}


def pilot_problems(study: Study, pilot: Mapping[str, Any] | None) -> list[str]:
    """Return why a study can't get a pilot any more, or lose it; its numbers may always change."""
    if study.pilot is None and pilot is not None and study.raters.exists():
        return [
            "pilot: raters have begun, so it is too late for a pilot; leave it out, or take "
            "another slug."
        ]
    if study.pilot is not None and pilot is None and pilot_raters_exist(study):
        return ["pilot: raters have begun in it, so it stays on record; put it back."]
    return []


def stage_after(before: Study | None, pilot: Mapping[str, Any] | None) -> Stage:
    """Return the stage of a study that is saved with this pilot: a new pilot is begun with."""
    if pilot is None:
        return Stage.MAIN
    if before is None or before.pilot is None:
        return Stage.PILOT
    return Stage(before.stage)


def pilot_is_full(study: Study, raters: Callable[[], int]) -> bool:
    """Tell whether a study is in a pilot with as many raters as it wants; `raters` counts them."""
    wanted = (study.pilot or {}).get("raters")
    return study.stage == Stage.PILOT and wanted is not None and raters() >= wanted


def pilot_raters_exist(study: Study) -> bool:
    """Tell whether anybody has begun in the study's pilot."""
    return study.raters.filter(stage=Stage.PILOT).exists()
