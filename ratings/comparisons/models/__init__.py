"""The room's models, upstream first."""

from ratings.comparisons.models.studies import (
    Crop,
    CropVersion,
    Entry,
    Pair,
    PairCount,
    Study,
    StudyHold,
    StudyVersion,
    random_address,
)
from ratings.comparisons.models.people import (
    Decision,
    Invitation,
    Rater,
    Recruit,
    UnfilledLink,
    Visit,
)
from ratings.comparisons.models.question_answers import QuestionAnswer
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
    "QuestionAnswer",
    "Rater",
    "RaterCount",
    "Recruit",
    "Study",
    "StudyHold",
    "StudyVersion",
    "Trial",
    "UnfilledLink",
    "Visit",
    "random_address",
]
