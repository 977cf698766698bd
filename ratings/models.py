"""The rooms' models, upstream first, for Django's registry; each is documented where it lives."""

from ratings.challenge.models import (
    AccessToken,
    CalendarEntry,
    Challenge,
    Dataset,
    Original,
    Phase,
    SignInFailure,
    Team,
)
from ratings.submissions.models import Bitstream, DecodedImage, Decoder, Submission
from ratings.fidelity.models import Distortion
from ratings.comparisons.models import (
    Crop,
    CropVersion,
    Entry,
    Judgment,
    Pair,
    PairCount,
    Rater,
    RaterCount,
    Study,
    Trial,
)
from ratings.ranking.models import Ranking, Score

__all__ = [
    "AccessToken",
    "Bitstream",
    "CalendarEntry",
    "Challenge",
    "Crop",
    "CropVersion",
    "Dataset",
    "DecodedImage",
    "Decoder",
    "Distortion",
    "Entry",
    "Judgment",
    "Original",
    "Pair",
    "PairCount",
    "Phase",
    "Ranking",
    "Rater",
    "RaterCount",
    "Score",
    "SignInFailure",
    "Study",
    "Submission",
    "Team",
    "Trial",
]
