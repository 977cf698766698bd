"""Closing a submission: every problem at once, or queued; then scored or failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ratings.challenge.models import Team
from ratings.challenge.refusals import Refused
from ratings.submissions.decoders import MISSING_DECODER, decoder_problems, must_decode
from ratings.submissions.ingest import lock, require_changeable
from ratings.submissions.models import Decoder, Run, Submission
from ratings.submissions.quota import require_quota
from ratings.submissions.slots import suffix_of

SUPERSEDED = "A newer submission of the team took its place while it waited."


@dataclass(frozen=True)
class Progress:
    """How far a submission is; bitstreams are asked for where the phase has a byte budget.

    `decodes` tells that the server is to make the decoded images, from all bitstreams.
    """

    pictures: int
    decoded: int
    bitstreams: int
    size_bytes: int
    byte_budget: int | None
    missing_images: tuple[str, ...]
    missing_bitstreams: tuple[str, ...]
    suffixes: tuple[str, ...]  # of the bitstreams, where they are asked for
    decoder_problems: tuple[str, ...]
    missing_decoder: bool
    decodes: bool

    @property
    def missing(self) -> list[str]:
        """The addresses, below the submission, of the files that are still to be sent."""
        images = [f"decoded/{name}" for name in self.missing_images]
        bits = [f"bitstreams/{name.removesuffix('.png')}" for name in self.missing_bitstreams]
        return images + bits + (["decoder"] if self.missing_decoder else [])

    @property
    def problems(self) -> list[str]:
        """Everything that stands against submitting, one line each."""
        problems = [] if self.pictures else ["The phase has no pictures yet; wait for them."]
        problems += [f"Missing image {name}" for name in self.missing_images]
        problems += [f"Missing bitstream for {name}" for name in self.missing_bitstreams]
        if len(self.suffixes) > 1:
            endings = ", ".join(suffix or "none" for suffix in self.suffixes)
            problems.append(
                f"The bitstreams have different endings ({endings}); give all of them one: names "
                "carry no data."
            )
        problems += self.decoder_problems
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
    sent = list(submission.bitstreams.values_list("original_id", "name", "size_bytes"))
    sizes = {pk: size for pk, _, size in sent}
    budget = submission.phase.byte_budget
    has_decoder = Decoder.objects.filter(submission=submission).exists()
    decodes = must_decode(submission) or (has_decoder and not names.keys() <= decoded)
    asks_bits = decodes or budget is not None
    against = decoder_problems(submission)
    return Progress(
        pictures=len(names),
        decoded=len(decoded),
        bitstreams=len(sizes),
        size_bytes=sum(sizes.values()),
        byte_budget=budget,
        missing_images=tuple(n for pk, n in names.items() if pk not in decoded and not decodes),
        missing_bitstreams=tuple(n for pk, n in names.items() if pk not in sizes and asks_bits),
        suffixes=tuple(sorted({suffix_of(name) for _, name, _ in sent})) if asks_bits else (),
        decoder_problems=tuple(against),
        missing_decoder=MISSING_DECODER in against,
        decodes=decodes,
    )


def submit(submission_id: UUID, received_at: datetime, *, by_organizer: bool = False) -> bool:
    """Check all of the submission and queue it; tell whether this call did so.

    What the team has waiting in the same phase is superseded. Submitting again changes nothing.
    Raises Refused and leaves the submission open so that it can be mended: code "incomplete" with
    every problem, "quota" (which does not bind organizers) or "phase-not-open".
    """
    with transaction.atomic():
        _lock_team(submission_id)
        submission = lock(submission_id)
        if submission.state != Submission.State.OPEN:
            return False
        require_changeable(submission, received_at)
        if problems := progress(submission).problems:
            raise Refused("incomplete", *problems)
        if not (by_organizer or submission.late_note):
            require_quota(submission.phase, submission.team, received_at)
        _supersede(submission, received_at)
        submission.state = Submission.State.QUEUED
        submission.submitted_at = received_at
        submission.save(update_fields=["state", "submitted_at"])
    return True


def queue_position(submission: Submission) -> int | None:
    """Return the submission's place among all that wait, 1 for the next; None unless it waits."""
    if submission.state != Submission.State.QUEUED:
        return None
    waiting = Submission.objects.filter(state=Submission.State.QUEUED)
    return waiting.filter(submitted_at__lt=submission.submitted_at).count() + 1


def _lock_team(submission_id: UUID) -> None:
    """Let the submissions of one team be closed one after the other, so that all are counted."""
    Team.objects.select_for_update(no_key=True).get(submissions=submission_id)


def _supersede(submission: Submission, at: datetime) -> None:
    waiting = Submission.objects.filter(
        phase=submission.phase, team=submission.team, state=Submission.State.QUEUED
    )
    ended = {"finished_at": at}
    keys = list(waiting.select_for_update(no_key=True).values_list("pk", flat=True))
    Submission.objects.filter(pk__in=keys).update(
        state=Submission.State.SUPERSEDED, problems=[SUPERSEDED], **ended
    )
    runs = Run.objects.filter(submission__in=keys, state__in=Run.CURRENT)
    runs.update(state=Run.State.STOPPED, verdict=SUPERSEDED, **ended)


def mark_scored(submission: Submission, at: datetime) -> None:
    """Turn a queued submission into a scored one; leave any other as it is."""
    _finish(submission, Submission.State.SCORED, [], at)


def mark_failed(
    submission: Submission, problems: Sequence[str], at: datetime, *, by_server: bool = False
) -> None:
    """Turn a queued submission into a failed one, with what went wrong; leave any other.

    What fails by the server's fault takes nothing from the team's quota.
    """
    _finish(submission, Submission.State.FAILED, problems, at, by_server)


def requeue(submission: Submission) -> None:
    """Let a failed submission wait again, with its place in time; leave any other as it is."""
    failed = Submission.objects.filter(pk=submission.pk, state=Submission.State.FAILED)
    failed.update(
        state=Submission.State.QUEUED, problems=[], finished_at=None, failed_by_server=False
    )
    submission.refresh_from_db(fields=["state", "problems", "finished_at", "failed_by_server"])


def _finish(
    submission: Submission,
    state: Submission.State,
    problems: Sequence[str],
    at: datetime,
    by_server: bool = False,
) -> None:
    queued = Submission.objects.filter(pk=submission.pk, state=Submission.State.QUEUED)
    queued.update(state=state, problems=list(problems), finished_at=at, failed_by_server=by_server)
    submission.refresh_from_db(fields=["state", "problems", "finished_at", "failed_by_server"])
