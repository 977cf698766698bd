"""Taking in submissions: begun while the phase is open, filled file by file in any order."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.files import Incoming, TooLarge, receive
from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.submissions.models import Bitstream, DecodedImage, Decoder, Submission
from ratings.submissions.slots import Kind, Slot, Slots

MOST_OPEN = 20  # of a team in a phase
Row = DecodedImage | Bitstream | Decoder


@dataclass(frozen=True)
class Receipt:
    """What became of one file that was sent."""

    path: str
    size_bytes: int
    sha256: str
    outcome: Literal["created", "replaced", "unchanged"]


def begin(phase: Phase, team: Team, method: str, received_at: datetime) -> Submission:
    """Open a submission. `received_at` is when the request began: it decides what is in time.

    Raises Refused, code "phase-not-open".
    """
    submission = Submission(phase=phase, team=team, method=method, created_at=received_at)
    require_in_time(submission, received_at)
    submission.save(force_insert=True)
    return submission


def require_few_open(phase: Phase, team: Team) -> None:
    """Refuse to open yet another submission: what nobody closes would fill the disk.

    Raises Refused, code "open".
    """
    begun = Submission.objects.filter(phase=phase, team=team, state=Submission.State.OPEN)
    if begun.count() >= MOST_OPEN:
        newest = begun.order_by("-created_at")[0]
        raise Refused(
            "open",
            f"{MOST_OPEN} submissions of yours to {phase.name} are open; go on with one, such as "
            f"{newest.pk}, or close it.",
        )


def newest_open(phase: Phase, team: Team, method: str) -> Submission | None:
    """Return the team's newest submission of this method that was begun and not closed."""
    begun = Submission.objects.filter(
        phase=phase, team=team, method=method, state=Submission.State.OPEN
    )
    return begun.order_by("-created_at").first()


def put(
    submission: Submission,
    kind: Kind,
    name: str,
    chunks: Iterable[bytes],
    *,
    received_at: datetime,
    sha256: str | None = None,
) -> Receipt:
    """Store one file of an open submission; the same content again changes nothing.

    `sha256` is what the sender says the content's digest is. Raises Refused with code
    "unknown-name", "too-large", "digest-mismatch", "picture", "bitstream-name", "submitted" or
    "phase-not-open"; nothing is stored then.
    """
    slot = Slots(submission.phase).find(kind, name)
    with receive_file(chunks, slot.limit_bytes, sha256) as incoming:
        slot.check(incoming)
        (receipt,) = save(submission.pk, [(slot, incoming)], received_at)
    return receipt


def save(
    submission_id: UUID, received: Sequence[tuple[Slot, Incoming]], received_at: datetime
) -> list[Receipt]:
    """Record checked files, all or none. The submission's row is locked: no update is lost."""
    with transaction.atomic():
        submission = lock(submission_id)
        found = [_existing(submission, slot) for slot, _ in received]
        same = [
            row is not None
            and (row.sha256, getattr(row, "name", slot.name)) == (i.sha256, slot.name)
            for row, (slot, i) in zip(found, received, strict=True)
        ]
        if not all(same):
            require_changeable(submission, received_at)
        _refuse_second_names(received, found)
        for _, incoming in received:
            incoming.keep()  # the same content too: its file may have been lost
        return [
            _receipt(slot, incoming, "unchanged")
            if unchanged
            else _store(submission, slot, incoming, row)
            for (slot, incoming), row, unchanged in zip(received, found, same, strict=True)
        ]


@dataclass(frozen=True)
class HeldFile:
    """One file of a submission; `path` is its address below the submission."""

    path: str
    size_bytes: int
    sha256: str


def files_of(submission: Submission) -> list[HeldFile]:
    """Return what has arrived, in the order of paths."""
    facts = ("size_bytes", "sha256")
    bits = submission.bitstreams.values_list("name", *facts)
    decoded = submission.decoded_images.values_list("original__name", *facts)
    decoder = Decoder.objects.filter(submission=submission).values_list(*facts)
    held = [HeldFile(f"bitstreams/{name}", *rest) for name, *rest in bits]
    held += [HeldFile(f"decoded/{name}", *rest) for name, *rest in decoded]
    held += [HeldFile("decoder", *row) for row in decoder]
    return sorted(held, key=lambda file: file.path)


def lock(submission_id: UUID) -> Submission:
    """Return the submission with phase and team, its row locked until the transaction ends."""
    rows = Submission.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("phase", "team").get(pk=submission_id)


def require_open(phase: Phase, at: datetime) -> None:
    """Raise Refused, code "phase-not-open", unless `at` lies within the phase."""
    state = phase_state(phase, at)
    if state == "upcoming":
        opens = phase.opens_at.astimezone(phase.zone).isoformat()
        raise Refused("phase-not-open", f"The phase {phase.slug!r} opens at {opens}.")
    if state == "closed":
        deadline = announced_deadline(phase.closes_at).astimezone(phase.zone).isoformat()
        raise Refused("phase-not-open", f"The phase {phase.slug!r} closed: {deadline} was its end.")


def require_changeable(submission: Submission, at: datetime) -> None:
    """Raise Refused, code "submitted" or "phase-not-open", unless files may still change."""
    if submission.state != Submission.State.OPEN:
        raise Refused(
            "submitted",
            f"This submission is {submission.state}, so its files are fixed; begin a new one.",
        )
    require_in_time(submission, at)


def require_in_time(submission: Submission, at: datetime) -> None:
    """Raise Refused, code "phase-not-open", unless it may change now.

    The calendar binds neither baselines nor, once the phase is over, what is taken in late.
    """
    late = submission.late_note and phase_state(submission.phase, at) == "closed"
    if not (submission.team.is_baseline or late):
        require_open(submission.phase, at)


@contextmanager
def receive_file(
    chunks: Iterable[bytes], limit_bytes: int, sha256: str | None
) -> Iterator[Incoming]:
    """Receive a file within its limit and compare its digest, where the sender named one."""
    try:
        with receive(chunks, limit_bytes=limit_bytes) as incoming:
            if sha256 is not None and sha256 != incoming.sha256:
                raise Refused(
                    "digest-mismatch",
                    f"What arrived has the SHA-256 {incoming.sha256}, not {sha256}; send it again.",
                )
            yield incoming
    except TooLarge as error:
        raise Refused("too-large", f"The file may have at most {limit_bytes} bytes.") from error


def _existing(submission: Submission, slot: Slot) -> Row | None:
    if slot.kind == "decoded":
        return submission.decoded_images.filter(original=slot.original).first()
    if slot.kind == "bitstreams":
        return submission.bitstreams.filter(original=slot.original).first()
    return Decoder.objects.filter(submission=submission).first()


def _refuse_second_names(
    received: Sequence[tuple[Slot, Incoming]], found: Sequence[Row | None]
) -> None:
    problems = [
        f"The bitstream of {slot.original} is here already as {row.name!r}; keep that name."
        for (slot, _), row in zip(received, found, strict=True)
        if isinstance(row, Bitstream) and row.name != slot.name
    ]
    if problems:
        raise Refused("bitstream-name", *problems)


def _store(submission: Submission, slot: Slot, incoming: Incoming, row: Row | None) -> Receipt:
    content = {"size_bytes": incoming.size_bytes, "sha256": incoming.sha256}
    if row is not None:
        type(row).objects.filter(pk=row.pk).update(**content)
        return _receipt(slot, incoming, "replaced")
    if slot.original is None:
        Decoder.objects.create(submission=submission, **content)
    elif slot.kind == "decoded":
        DecodedImage.objects.create(submission=submission, original=slot.original, **content)
    else:
        Bitstream.objects.create(
            submission=submission, original=slot.original, name=slot.name, **content
        )
    return _receipt(slot, incoming, "created")


def _receipt(
    slot: Slot, incoming: Incoming, outcome: Literal["created", "replaced", "unchanged"]
) -> Receipt:
    return Receipt(slot.path, incoming.size_bytes, incoming.sha256, outcome)
