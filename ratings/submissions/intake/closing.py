"""Closing a submission: every problem at once, or queued; then scored or failed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery

from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.imaging.alike import told_once
from ratings.submissions.intake.decoder_rules import (
    MISSING_DECODER,
    decoder_problems,
    must_decode,
    usable_decoders,
)
from ratings.submissions.intake.ingest import require_changeable
from ratings.submissions.intake.quota import require_quota
from ratings.submissions.intake.slots import suffix_of
from ratings.submissions.intake.told_outcomes import tell_outcome
from ratings.submissions.models import Bitstream, DecodedImage, Decoder, Run, Submission
from ratings.submissions.submission_locks import lock, lock_team

QUEUED = Submission.State.QUEUED
OVER_BUDGET = (
    "The bitstreams have {used} bytes in all, {over} more than the byte budget of {budget} bytes."
)
MIXED_ENDINGS = (
    "The bitstreams have different endings ({endings}); give all of them one: names carry no data."
)
SUPERSEDED = "A newer submission of the team took its place while it waited."


@dataclass(frozen=True)
class Progress:
    """How far a submission is; bitstreams are asked for where the phase has a byte budget.

    `decodes` tells that the server is to make the decoded images, from all bitstreams. `size_bytes`
    is of the bitstreams, or what an organizer states where there are none and none are asked for.
    """

    pictures: int
    decoded: int
    bitstreams: int
    asks_bitstreams: bool
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
        """Everything that stands against submitting, one line for each cause."""
        problems = [] if self.pictures else ["The phase has no pictures yet; wait for them."]
        problems += told_once((n, f"Missing image {n}") for n in self.missing_images)
        problems += told_once((n, f"Missing bitstream for {n}") for n in self.missing_bitstreams)
        if len(self.suffixes) > 1:
            endings = ", ".join(suffix or "none" for suffix in self.suffixes)
            problems.append(MIXED_ENDINGS.format(endings=endings))
        problems += self.decoder_problems
        budget, used = self.byte_budget, self.size_bytes
        if budget is not None and used > budget:
            problems.append(OVER_BUDGET.format(used=used, over=used - budget, budget=budget))
        return problems


def progress_of_submission(submission: Submission) -> Progress:
    """Return what has arrived and what has not."""
    return progress_of_submissions([submission])[submission.pk]


def progress_of_submissions(submissions: Sequence[Submission]) -> dict[UUID, Progress]:
    """Return the progress of each submission, in the same few queries for any number of them."""
    names = _names({submission.phase_id for submission in submissions})
    decoded = _files(DecodedImage, submissions, "original")
    bitstreams = _files(Bitstream, submissions, "original", "name", "size_bytes")
    decoders = {
        decoder.submission_id: decoder
        for decoder in Decoder.objects.filter(submission__in=submissions)
    }
    usable = cache(usable_decoders)  # asked once for a team in a phase
    return {
        submission.pk: _progress(
            submission,
            names.get(submission.phase_id, {}),
            {pk for (pk,) in decoded[submission.pk]},
            bitstreams[submission.pk],
            decoders.get(submission.pk),
            decoder_problems(submission, decoders.get(submission.pk), usable),
        )
        for submission in submissions
    }


def _progress(
    submission: Submission,
    names: Mapping[int, str],
    decoded: Set[int],
    sent: Sequence[Sequence[Any]],
    decoder: Decoder | None,
    against: Sequence[str],
) -> Progress:
    sizes = {pk: size for pk, _, size in sent}
    budget = submission.phase.byte_budget
    decodes = must_decode(submission) or (decoder is not None and not names.keys() <= decoded)
    stated = None if sizes or decodes else submission.stated_bytes
    asks_bits = stated is None and (decodes or budget is not None)
    return Progress(
        pictures=len(names),
        decoded=len(decoded),
        bitstreams=len(sizes),
        asks_bitstreams=asks_bits,
        size_bytes=sum(sizes.values()) if stated is None else stated,
        byte_budget=budget,
        missing_images=tuple(n for pk, n in names.items() if pk not in decoded and not decodes),
        missing_bitstreams=tuple(n for pk, n in names.items() if pk not in sizes and asks_bits),
        suffixes=tuple(sorted({suffix_of(name) for _, name, _ in sent})) if asks_bits else (),
        decoder_problems=tuple(against),
        missing_decoder=MISSING_DECODER in against,
        decodes=decodes,
    )


def _names(phases: Set[int]) -> dict[int, dict[int, str]]:
    """Return the names of each phase's pictures by their keys, in their order."""
    names: dict[int, dict[int, str]] = {}
    pictures = Original.objects.filter(dataset__phases__in=phases)
    for phase, pk, name in pictures.values_list("dataset__phases", "pk", "name"):
        names.setdefault(phase, {})[pk] = name
    return names


def _files(
    kind: type[DecodedImage | Bitstream], submissions: Sequence[Submission], *facts: str
) -> Mapping[UUID, list[list[Any]]]:
    """Return the facts of the files of one kind, by their submission."""
    files: defaultdict[UUID, list[list[Any]]] = defaultdict(list)
    rows = kind.objects.filter(submission__in=submissions)
    for submission, *row in rows.values_list("submission", *facts):
        files[submission].append(row)
    return files


def submit(
    submission_id: UUID, received_at: datetime, *, by: str = "", by_organizer: bool = False
) -> bool:
    """Check all of the submission and queue it; tell whether this call did so.

    What the team has waiting in the same phase is superseded. Submitting again changes nothing.
    Raises Refused and leaves the submission open so that it can be mended: code "incomplete" with
    every problem, "quota" or "closed-bytes" (neither binds organizers), or "phase-not-open".
    """
    with transaction.atomic():
        lock_team(submission_id)  # so that all are counted
        submission = lock(submission_id)
        if submission.state != Submission.State.OPEN:
            return False
        require_changeable(submission, received_at)
        if problems := progress_of_submission(submission).problems:
            raise Refused("incomplete", *problems)
        if not (by_organizer or submission.late_note):
            require_quota(submission.phase, submission.team, received_at)
        _supersede(submission, received_at)
        submission.state = Submission.State.QUEUED
        submission.submitted_at, submission.submitted_by = received_at, by
        submission.save(update_fields=["state", "submitted_at", "submitted_by"])
    return True


def queue_position(submission: Submission) -> int | None:
    """Return the submission's place in its queue, 1 for the next; None unless it waits.

    Those wait in one queue whose decoders want the same environment, with a GPU or without.
    """
    return queue_positions([submission]).get(submission.pk)


def queue_positions(submissions: Sequence[Submission]) -> dict[UUID, int]:
    """Return the place of each submission that waits, 1 for the next, in one query."""
    waiting = [submission for submission in submissions if submission.state == QUEUED]
    if not waiting:
        return {}
    run = Run.objects.filter(submission=OuterRef("pk"), compares=False)
    queue = Submission.objects.filter(state=QUEUED, submitted_at__isnull=False).annotate(
        source=Subquery(run.values("source")[:1]), gpu=Subquery(run.values("gpu")[:1])
    )
    queues: dict[tuple[str | None, bool | None], list[UUID]] = defaultdict(list)
    for pk, source, gpu in queue.order_by("submitted_at").values_list("pk", "source", "gpu"):
        queues[source, gpu].append(pk)
    places = {pk: i for keys in queues.values() for i, pk in enumerate(keys, 1)}
    return {each.pk: places[each.pk] for each in waiting if each.pk in places}


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
    with transaction.atomic():
        if _turn(submission, QUEUED, state=Submission.State.SCORED, finished_at=at):
            tell_outcome(submission, at)


def mark_failed(
    submission: Submission,
    problems: Sequence[str],
    at: datetime,
    *,
    by_server: bool = False,
    never_ran: bool = False,
) -> None:
    """Turn a queued submission into a failed one, with what went wrong; leave any other.

    What fails by the server's fault takes nothing from the team's quota, nor do the first few of a
    day whose decoder can't be started.
    """
    failed = {
        "state": Submission.State.FAILED,
        "problems": list(problems),
        "finished_at": at,
        "failed_by_server": by_server,
        "never_ran": never_ran,
    }
    with transaction.atomic():
        if _turn(submission, QUEUED, **failed):
            tell_outcome(submission, at)


def requeue(submission: Submission) -> None:
    """Let a failed submission wait again, with its place in time; leave any other as it is."""
    _turn(
        submission,
        Submission.State.FAILED,
        state=Submission.State.QUEUED,
        problems=[],
        finished_at=None,
        failed_by_server=False,
        never_ran=False,
    )


def _turn(submission: Submission, before: Submission.State, **changes: Any) -> bool:
    """Make the changes to the submission if it is still in this state; tell whether it was."""
    turned = Submission.objects.filter(pk=submission.pk, state=before).update(**changes)
    submission.refresh_from_db(fields=[*changes])
    return bool(turned)
