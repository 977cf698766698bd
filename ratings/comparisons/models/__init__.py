"""The room's models, upstream first."""

from ratings.comparisons.models.studies import (
    Crop,
    CropVersion,
    Entry,
    Pair,
    PairCount,
    Pause,
    Study,
    StudyVersion,
    random_address,
)
from ratings.comparisons.models.people import Decision, Invitation, Rater, Recruit, Visit
from ratings.comparisons.models.trials import Judgment, RaterCount, Trial

__all__ = [
    "Crop",
    "CropVersion",
    "Decision",
    "Entry",
    "Invitation",
    "Judgment",
    "Pair",
    "PairCount",
    "Pause",
    "Rater",
    "RaterCount",
    "Recruit",
    "Study",
    "StudyVersion",
    "Trial",
    "Visit",
    "random_address",
]
