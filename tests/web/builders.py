"""Phases whose two boards are filled, through the same line as the site's."""

from datetime import timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from ratings.challenge.models import Phase, Team
from ratings.comparisons.models import Study
from ratings.comparisons.study.entries import set_active
from ratings.fidelity.scoring import score
from ratings.ranking.fits.refitting import refit
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs import lease, lifecycle
from tests.builders import (
    NOW,
    build_bitstream,
    build_decoded_image,
    build_decoder,
    build_phase,
    build_submission,
    build_team,
)
from tests.comparisons.builders import build_entry, build_study, distort
from tests.ranking.builders import judge_all
from tests.remembered import remembered

DAY = timedelta(days=1)


WHY = "bubblewrap is not installed: install the package 'bubblewrap'."


@remembered
def build_running_phase(**fields: Any) -> Phase:
    """Save a phase that is open now, with its originals and boards open too."""
    now = timezone.now()
    dates = {
        "opens_at": now - DAY,
        "closes_at": now + DAY,
        "originals_open_at": now - DAY,
        "boards_open_at": now - DAY,
    }
    return build_phase(**(dates | fields))


@remembered
def build_scored_study(phase: Phase, kinds: tuple[str, ...] = ("competing",) * 3) -> Study:
    """Save a study whose entries are scored and on the PSNR board: the first is the best."""
    study = build_study(phase)
    for number, kind in enumerate(kinds):
        team = build_team(phase.challenge, name=f"Team {number} of {study.pk}", kind=kind)
        build_scored(study, team, number)
    set_active(study, [entry.submission for entry in study.entries.all()])
    return study


def build_scored(study: Study, team: Team, number: int) -> Submission:
    """Save a scored entry with more noise for a higher `number`."""
    noise = 10 * (number + 1)
    at = NOW + timedelta(minutes=number)
    fields = {"method": f"method-{number}", "state": Submission.State.SCORED, "submitted_at": at}
    submission = build_entry(study, noise=noise, team=team, **fields).submission
    for original in study.phase.originals():
        rgb = np.ascontiguousarray(distort(original, noise))
        score(build_decoded_image(submission, original, rgb), rgb)
        build_bitstream(submission, original, b"x" * (100 - number))
    return submission


@remembered
def build_ranked_study(phase: Phase, *, simulated: bool = False) -> Study:
    """Save a study with a ranking of a few raters' judgments."""
    study = build_scored_study(phase)
    judge_all(study, raters=3, judgments=6, simulated=simulated)
    assert refit(study, NOW) is not None
    return study


def queued(phase: Phase, **fields: Any) -> Submission:
    """Save a submission whose decoder waits, as closing one does."""
    at = timezone.now()
    defaults = {"state": Submission.State.QUEUED, "submitted_at": at}
    submission = build_submission(phase, **(defaults | fields))  # type: ignore[arg-type]
    return with_run(submission)


def with_run(submission: Submission) -> Submission:
    build_decoder(submission)
    for original in submission.phase.originals():
        if not submission.bitstreams.filter(original=original).exists():
            build_bitstream(submission, original)
    lifecycle.queue_run(submission, timezone.now())
    return submission


def begun(submission: Submission) -> Run:
    run = lease.claim(submission.runs.get().pk, timezone.now())
    assert run is not None
    return run
