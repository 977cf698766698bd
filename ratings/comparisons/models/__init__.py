"""The room's models, upstream first."""

from ratings.comparisons.models.studies import (
    Crop,
    CropVersion,
    Entry,
    Pair,
    PairCount,
    Stage,
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
from ratings.comparisons.models.recruitments import RecruiterAct, Recruitment
from ratings.comparisons.models.trials import Judgment, RaterCount, Trial
from ratings.comparisons.models.voices import Comment, TrialFlag

__all__ = [
    "Comment",
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
    "RecruiterAct",
    "Recruitment",
    "Stage",
    "Study",
    "StudyHold",
    "StudyVersion",
    "Trial",
    "TrialFlag",
    "UnfilledLink",
    "Visit",
    "random_address",
]
