"""Phases whose pictures everyone may see, prepared or not."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from ratings.challenge.models import Phase
from ratings.comparisons.models import Study
from ratings.viewing.prepared_share import keep_within
from ratings.viewing.tile_making import prepare_picture
from tests.remembered import remembered
from tests.web.builders import build_ranked_study, build_running_phase

PLENTY = 10**12


@remembered
def build_shown_phase(**fields: Any) -> Phase:
    """Save a phase with three ranked methods whose study is closed, and nothing prepared."""
    phase = build_running_phase(**fields)
    build_ranked_study(phase)
    close_studies(phase)
    return phase


def close_studies(phase: Phase, *, is_open: bool = False) -> None:
    """Let the phase's studies take no judgments, or take them again."""
    Study.objects.filter(phase=phase).update(is_open=is_open)


def prepare_all(now: datetime | None = None, most: int = PLENTY) -> int:
    """Prepare what may be seen, as the jobs do; return how many pictures were lacking."""
    lacking = keep_within(most, now or timezone.now())
    for phase, original in lacking:
        prepare_picture(phase, original, lambda: now or timezone.now())
    return len(lacking)
