"""A second run of a decoder, in another arithmetic world, once its submission is scored.

It is given a share of the bitstreams and changes nothing by itself: `elsewhere_verdicts` tells
whether its pictures are those that were scored.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from ratings.challenge.keys.decoder_limits import decoder_limits
from ratings.challenge.models import Original, Phase
from ratings.sandbox.worlds import ELSEWHERE, USUAL
from ratings.submissions.models import Bitstream, Run, Submission, Worker
from ratings.submissions.submission_locks import lock

MOST_PICTURES = 8
# What a run elsewhere may take of the CPU time limit, if its kernels are so many times slower.
SHARE, SLOWER = 0.5, 4
# So long it is left to a worker with another processor, that was heard of so lately.
PATIENCE, LATELY = timedelta(minutes=10), timedelta(minutes=2)


def queue_elsewhere(submission_id: UUID, at: datetime) -> Run | None:
    """Put the run elsewhere of a scored submission on record; None where there is to be none.

    There is at most one, of what a team sent to a phase that asks for it, made by a decoder here.
    It runs in the environment of the first run, whatever the phase names by now.
    """
    with transaction.atomic():
        submission = lock(submission_id)
        first = first_run(submission)
        if first is None or not _is_asked_for(submission):
            return None
        names = list(submission.phase.originals().values_list("name", flat=True))
        limits = decoder_limits(submission.phase.decoder_limits)
        return Run.objects.create(
            submission=submission,
            compares=True,
            world=ELSEWHERE.slug,
            pictures=share(names, first.cpu_seconds or 0.0, limits.cpu_seconds),
            queued_at=at,
            source=first.source,
            gpu=first.gpu,
            limits=asdict(limits),
        )


def share(names: Sequence[str], cpu_seconds: float, limit_seconds: float) -> list[str]:
    """Return the pictures of a run elsewhere, evenly spread, one at least.

    `cpu_seconds` is what all of them took in the first run, and `limit_seconds` may be taken.
    """
    each = SLOWER * cpu_seconds / len(names)
    affordable = SHARE * limit_seconds / each if each else math.inf
    wanted = max(1, int(min(len(names), MOST_PICTURES, affordable)))
    return [names[number * len(names) // wanted] for number in range(wanted)]


def originals_of(run: Run) -> list[Original]:
    """Return the originals whose pictures a run is to make, in the order of their names."""
    originals = run.submission.phase.originals()
    return list(originals if run.pictures is None else originals.filter(name__in=run.pictures))


def bitstreams_of(run: Run) -> QuerySet[Bitstream]:
    """Return the bitstreams that a run is given, in the order of their names."""
    bitstreams = run.submission.bitstreams.order_by("name")
    if run.pictures is None:
        return bitstreams
    return bitstreams.filter(original__name__in=run.pictures)


def run_elsewhere(submission: Submission) -> Run | None:
    """Return the submission's run elsewhere, if there is one."""
    return submission.runs.exclude(world=USUAL.slug).first()


def first_run(submission: Submission) -> Run | None:
    """Return the run that made the pictures that were scored, if one did."""
    return submission.runs.filter(compares=False, state=Run.State.SUCCEEDED).first()


def is_left_to_another(run: Run, worker: Worker | None, at: datetime) -> bool:
    """Tell whether a worker leaves a run elsewhere to one with another processor, for a while.

    The other one has the run's environment.
    """
    first = first_run(run.submission)
    if worker is None or first is None or worker.processor != first.processor:
        return False
    if at - run.queued_at > PATIENCE:
        return False
    others = Worker.objects.filter(heard_at__gt=at - LATELY, revoked_at=None)
    others = others.filter(Q(gpu=True) if run.gpu else Q(), sources__contains=[run.source])
    return others.exclude(processor__in=("", first.processor)).exists()


def _is_asked_for(submission: Submission) -> bool:
    return (
        submission.phase.elsewhere != Phase.Elsewhere.OFF
        and not submission.team.is_baseline
        and submission.state == Submission.State.SCORED
        and run_elsewhere(submission) is None
    )
