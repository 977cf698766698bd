"""What the desk says of a study's stages: what each has, and which way there is to the other."""

from dataclasses import dataclass
from datetime import datetime

from ratings.comparisons.judgments.stage_figures import StageFigures, stage_figures
from ratings.comparisons.models import Stage, Study
from ratings.comparisons.raters.places import has_full_pilot, holding_places
from ratings.comparisons.study.stages import is_reversible


@dataclass(frozen=True)
class StageLines:
    """Where a study with a pilot is; `wanted` are the raters after whom the pilot takes no more.

    `held` of these are done or at work: who failed the practice or left is not counted.
    """

    is_pilot: bool
    pilot: StageFigures
    main: StageFigures
    wanted: int | None
    held: int
    is_full: bool
    is_reversible: bool


def stage_lines(study: Study, now: datetime) -> StageLines | None:
    """Return what the desk says of a study's stages; None of one without a pilot."""
    if study.pilot is None:
        return None
    pilot, wanted = stage_figures(study, Stage.PILOT), study.pilot.get("raters")
    return StageLines(
        is_pilot=study.stage == Stage.PILOT,
        pilot=pilot,
        main=stage_figures(study, Stage.MAIN),
        wanted=wanted,
        held=holding_places(study, now).count(),
        is_full=has_full_pilot(study, now),
        is_reversible=is_reversible(study),
    )
