"""Submissions whose figures are known."""

from typing import Any

import numpy as np

from ratings.challenge.models import Phase, Team
from ratings.challenge.pictures.originals import load_original
from ratings.fidelity.scoring import score
from ratings.submissions.models import Submission
from tests.builders import NOW, build_bitstream, build_decoded_image, build_submission


def build_scored_submission(
    phase: Phase, team: Team | None = None, *, error: int = 1, **fields: Any
) -> Submission:
    """Save a scored submission in which every sample of every picture is off by `error`."""
    defaults = {"state": Submission.State.SCORED, "submitted_at": NOW, "finished_at": NOW}
    submission = build_submission(phase, team, **(defaults | fields))
    for original in phase.originals():
        rgb = load_original(original)
        off = np.where(rgb > 255 - error, rgb - error, rgb + error).astype(np.uint8)
        score(build_decoded_image(submission, original, off), off)
        build_bitstream(submission, original, b"x" * 100)
    return submission
