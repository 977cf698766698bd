"""Deleting the files of submissions that no board counts, once the challenge's retention is over.

What was scored is never touched: boards, rankings and exports may rest on it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from ratings.challenge.keys.retention import retention
from ratings.challenge.models import Challenge, Phase
from ratings.storage.shelves import CONTENT
from ratings.submissions.models import Decoder, Submission
from ratings.submissions.retention.stored_bytes import KINDS
from ratings.submissions.submission_locks import lock

State = Submission.State
HAS_FILES = Q(bitstreams__isnull=False) | Q(decoded_images__isnull=False) | Q(decoder__isnull=False)


def expired(now: datetime) -> list[UUID]:
    """Return the submissions with files that have had their time."""
    submissions: list[UUID] = []
    for challenge in Challenge.objects.order_by("pk"):
        over = _over(challenge, now).filter(HAS_FILES)
        submissions += over.order_by("created_at").values_list("pk", flat=True).distinct()
    return submissions


def freed_bytes(submission: Submission) -> int:
    """Return how many bytes freeing the submission would give up."""
    sums = (rows.aggregate(sum=Sum("size_bytes"))["sum"] for rows in _files(submission))
    return sum(size or 0 for size in sums)


def free(submission_id: UUID, now: datetime) -> int:
    """Delete the submission's files if their time is over; return how many bytes they had.

    An open one waits for them again. Of one that has ended all else stays on record, and its
    decoder too where another phase registers what was submitted to its own.
    """
    with transaction.atomic():
        submission = lock(submission_id)
        if not _over(submission.phase.challenge, now).filter(pk=submission_id).exists():
            return 0
        size_bytes = freed_bytes(submission)
        for rows in _files(submission):
            rows.delete()
        if submission.state != State.OPEN:
            submission.freed_at = now
            submission.save(update_fields=["freed_at"])
    return size_bytes


def _over(challenge: Challenge, now: datetime) -> QuerySet[Submission]:
    """Return the challenge's submissions whose files have had their time, freed or not.

    What an organizer takes in late is left to the organizer. What never ran is of no use as it
    is, and costs its team little: its time is over at once.
    """

    def before(key: str) -> datetime:
        return now - retention(challenge.retention, key)

    return Submission.objects.alias(
        ended_at=Coalesce("finished_at", "created_at"),
        last_at=Greatest("created_at", "phase__closes_at"),
    ).filter(
        Q(state=State.OPEN, late_note="", last_at__lte=before("open_days"))
        | Q(state=State.FAILED, ended_at__lte=before("failed_days"))
        | Q(state=State.FAILED, never_ran=True)
        | Q(state=State.SUPERSEDED, ended_at__lte=before("superseded_days")),
        phase__challenge=challenge,
        freed_at=None,
    )


def _files(submission: Submission) -> list[QuerySet[Any]]:
    """Return the rows that name the submission's files, but for a decoder that is registered."""
    registered = Phase.objects.filter(decoders_from=submission.phase).exists()
    keeps_decoder = registered and submission.state != State.OPEN
    kinds = [kind for kind in KINDS if not (kind is Decoder and keeps_decoder)]
    return [kind._default_manager.filter(submission=submission) for kind in kinds]


def ask_again(names: Collection[str]) -> int:
    """Let open submissions ask again for contents whose files are gone; return for how many."""
    asked = 0
    for kind in KINDS:
        rows = kind._default_manager.filter(sha256__in=names, submission__state=State.OPEN)
        for row in rows:
            with transaction.atomic():
                submission = lock(row.submission_id)
                if submission.state == State.OPEN and not CONTENT.has(row.sha256):
                    asked += kind._default_manager.filter(pk=row.pk, sha256=row.sha256).delete()[0]
    return asked
