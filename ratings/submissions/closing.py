"""Closing a submission: every problem at once, or queued; then scored or failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ratings.challenge.refusals import Refused
from ratings.submissions.ingest import lock, require_changeable
from ratings.submissions.models import Submission


@dataclass(frozen=True)
class Progress:
    """How far a submission is; bitstreams are asked for where the phase has a byte budget."""

    pictures: int
    decoded: int
    bitstreams: int
    size_bytes: int
    byte_budget: int | None
    missing_images: tuple[str, ...]
    missing_bitstreams: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The addresses, below the submission, of the files that are still to be sent."""
        images = [f"decoded/{name}" for name in self.missing_images]
        return images + [f"bitstreams/{n.removesuffix('.png')}" for n in self.missing_bitstreams]

    @property
    def problems(self) -> list[str]:
        """Everything that stands against submitting, one line each."""
        problems = [] if self.pictures else ["The phase has no pictures yet; wait for them."]
        problems += [f"Missing image {name}" for name in self.missing_images]
        problems += [f"Missing bitstream for {name}" for name in self.missing_bitstreams]
        if self.byte_budget is not None and self.size_bytes > self.byte_budget:
            problems.append(
                f"The bitstreams have {self.size_bytes} bytes in all, "
                f"{self.size_bytes - self.byte_budget} more than the byte budget of "
                f"{self.byte_budget} bytes."
            )
        return problems


def progress(submission: Submission) -> Progress:
    """Return what has arrived and what has not."""
    names = dict(submission.phase.originals().values_list("pk", "name"))
    decoded = set(submission.decoded_images.values_list("original_id", flat=True))
    sizes = dict(submission.bitstreams.values_list("original_id", "size_bytes"))
    budget = submission.phase.byte_budget
    without_bitstream = [] if budget is None else [n for pk, n in names.items() if pk not in sizes]
    return Progress(
        pictures=len(names),
        decoded=len(decoded),
        bitstreams=len(sizes),
        size_bytes=sum(sizes.values()),
        byte_budget=budget,
        missing_images=tuple(name for pk, name in names.items() if pk not in decoded),
        missing_bitstreams=tuple(without_bitstream),
    )


def submit(submission_id: UUID, received_at: datetime) -> bool:
    """Check all of the submission and queue it; tell whether this call did so.

    Submitting again changes nothing. Raises Refused, code "incomplete", with every problem, and
    leaves it open so that it can be mended; or code "phase-not-open".
    """
    with transaction.atomic():
        submission = lock(submission_id)
        if submission.state != Submission.State.OPEN:
            return False
        require_changeable(submission, received_at)
        if problems := progress(submission).problems:
            raise Refused("incomplete", *problems)
        submission.state = Submission.State.QUEUED
        submission.submitted_at = received_at
        submission.save(update_fields=["state", "submitted_at"])
    return True


def mark_scored(submission: Submission, at: datetime) -> None:
    """Turn a queued submission into a scored one; leave any other as it is."""
    _finish(submission, Submission.State.SCORED, [], at)


def mark_failed(submission: Submission, problems: Sequence[str], at: datetime) -> None:
    """Turn a queued submission into a failed one, with what went wrong; leave any other."""
    _finish(submission, Submission.State.FAILED, problems, at)


def _finish(
    submission: Submission, state: Submission.State, problems: Sequence[str], at: datetime
) -> None:
    queued = Submission.objects.filter(pk=submission.pk, state=Submission.State.QUEUED)
    queued.update(state=state, problems=list(problems), finished_at=at)
    submission.refresh_from_db(fields=["state", "problems", "finished_at"])
