"""How many people the study itself takes from a recruitment, and why nobody new at present."""

from datetime import datetime

from ratings.comparisons.models import Recruitment
from ratings.comparisons.raters.places import at_work_from, has_full_pilot, room_from
from ratings.comparisons.study.recruiter_keys import platform_of

PAUSED = "The study is paused. When it is resumed, recruiting goes on by itself."
PILOT_IS_FULL = (
    "The pilot has the raters that it wants. Go over to the main stage, or let it want more: then "
    "recruiting goes on by itself."
)
LIMITS_ARE_REACHED = (
    "The study takes no more raters from here: most_raters or a quota is reached. When there is "
    "room again, recruiting goes on by itself."
)


def people_taken(recruitment: Recruitment, now: datetime) -> int | None:
    """Return how many people the study takes yet, those at work among them; None for any number."""
    study, platform = recruitment.study, platform_of(recruitment.study, recruitment.platform)
    room = room_from(study, platform, now)
    return None if room is None else room + at_work_from(study, platform, now)


def held_because(recruitment: Recruitment, now: datetime) -> str:
    """Say why the study takes nobody new now, who would come for nothing; "" where it does."""
    study = recruitment.study
    if study.paused_at:
        return PAUSED
    if room_from(study, platform_of(study, recruitment.platform), now) != 0:
        return ""
    return PILOT_IS_FULL if has_full_pilot(study, now) else LIMITS_ARE_REACHED
