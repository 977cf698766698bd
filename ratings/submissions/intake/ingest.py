"""Taking in submissions: begun while the phase is open, filled file by file in any order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from ratings.challenge.access.audit_log import record
from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.names import normal_method, require_shown_name
from ratings.challenge.receiving import receive_file
from ratings.challenge.refusals import Refused
from ratings.storage.content_store import Incoming
from ratings.storage.deletion import brought, discard, keep
from ratings.submissions.intake.slots import Checked, Kind, Slot, Slots
from ratings.submissions.models import Bitstream, DecodedImage, Decoder, Submission
from ratings.submissions.picked_environments import picked
from ratings.submissions.retention.stored_bytes import require_room
from ratings.submissions.submission_locks import lock, lock_team

MOST_OPEN = 20  # of a team in a phase
Row = DecodedImage | Bitstream | Decoder


@dataclass(frozen=True)
class Receipt:
    """What became of one file that was sent; `notes` say what will be mended in it."""

    path: str
    size_bytes: int
    sha256: str
    outcome: Literal["created", "replaced", "unchanged"]
    notes: list[str]


def begin_submission(
    phase: Phase,
    team: Team,
    method: str,
    received_at: datetime,
    *,
    by: str = "",
    environment: str = "",
) -> Submission:
    """Open a submission. `received_at` is when the request began: it decides what is in time.

    Raises Refused, code "phase-not-open", or as `new_submission` does.
    """
    submission = new_submission(phase, team, method, received_at, by=by, environment=environment)
    require_in_time(submission, received_at)
    submission.save(force_insert=True)
    return submission


def new_submission(
    phase: Phase, team: Team, method: str, at: datetime, *, by: str = "", environment: str = ""
) -> Submission:
    """Return a submission that is not saved yet. Raises Refused, code "method-name" or those of
    `picked`, which says where it runs.

    A name that the team has used before goes on, whatever is asked of new ones.
    """
    environment = picked(phase, team, environment)
    own = Submission.objects.filter(team=team)
    if not own.filter(method=method).exists():
        method = normal_method(method)
        require_shown_name(method, "method-name")
    return Submission(
        phase=phase,
        team=team,
        method=method,
        environment=environment,
        begun_by=by,
        created_at=at,
    )


def state_bytes(submission_id: UUID, size_bytes: int | None, received_at: datetime) -> None:
    """Note how many bytes all bitstreams have, of an open submission that comes without them.

    None says that nobody knows. Raises Refused as sending a file does.
    """
    with transaction.atomic():
        lock_team(submission_id)
        submission = lock(submission_id)
        require_changeable(submission, received_at)
        submission.stated_bytes = size_bytes
        submission.save(update_fields=["stated_bytes"])


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
            f"{newest.method!r}, close it, or delete it: on its page, or by DELETE "
            f"submissions/{newest.pk}/.",
        )


def newest_open(phase: Phase, team: Team, method: str, environment: str = "") -> Submission | None:
    """Return the team's newest submission of this method that was begun and not closed.

    It runs in the environment that is asked for. Raises Refused as `picked` does.
    """
    names = (method, normal_method(method))
    begun = Submission.objects.filter(
        phase=phase,
        team=team,
        method__in=names,
        environment=picked(phase, team, environment),
        state=Submission.State.OPEN,
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
    "unknown-name", "too-large", "digest-mismatch", "picture", "bitstream-name", "open-bytes",
    "submitted" or "phase-not-open"; nothing is stored then.
    """
    slot = Slots(submission.phase, submission.environment).find(kind, name)
    with receive_file(chunks, slot.limit_bytes, sha256, slot.limit_is) as incoming:
        (receipt,) = save(submission.pk, [slot.check(incoming)], received_at)
    return receipt


def save(submission_id: UUID, received: Sequence[Checked], received_at: datetime) -> list[Receipt]:
    """Record checked files, all or none; what they replace is deleted.

    The team's row is locked, and the submission's: no update is lost, and no limit is passed.
    """
    contents = [incoming for _, incoming, _ in received]
    with brought(contents, received_at), transaction.atomic():
        lock_team(submission_id)
        submission = lock(submission_id)
        existing = [_existing(submission, slot) for slot, _, _ in received]
        same = [
            row is not None
            and (row.sha256, getattr(row, "name", slot.name)) == (i.sha256, slot.name)
            for row, (slot, i, _) in zip(existing, received, strict=True)
        ]
        if not all(same):
            require_changeable(submission, received_at)
        _refuse_second_names(received, existing)
        replaced = [
            row for row, unchanged in zip(existing, same, strict=True) if row and not unchanged
        ]
        new = [i for (_, i, _), unchanged in zip(received, same, strict=True) if not unchanged]
        require_room(submission, _bytes(new) - _bytes(replaced))
        # The same too: its file may have been lost.
        keep(*contents)
        discard([row.sha256 for row in replaced], received_at)
        return [
            _receipt(file, "unchanged") if unchanged else _store(submission, file, row)
            for file, row, unchanged in zip(received, existing, same, strict=True)
        ]


def delete_open(submission_id: UUID, at: datetime, *, by: str = "") -> None:
    """Delete an open submission with its files; on record where somebody asks for it.

    Raises Refused, code "submitted".
    """
    with transaction.atomic():
        lock_team(submission_id)
        submission = lock(submission_id)
        if submission.state != Submission.State.OPEN:
            raise Refused(
                "submitted", f"This submission is {submission.state}; only an open one is deleted."
            )
        discard({file.sha256 for file in files_of(submission)}, at)
        if by:
            subject, team = f"{submission.phase.name}: {submission.method}", submission.team
            record(team.challenge, AuditEntry.Kind.DELETE, by, at, team=team, subject=subject)
        submission.delete()


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


def _bytes(files: Iterable[Row | Incoming]) -> int:
    return sum(file.size_bytes for file in files)


def _existing(submission: Submission, slot: Slot) -> Row | None:
    if slot.kind == "decoded":
        return submission.decoded_images.filter(original=slot.original).first()
    if slot.kind == "bitstreams":
        return submission.bitstreams.filter(original=slot.original).first()
    return Decoder.objects.filter(submission=submission).first()


def _refuse_second_names(received: Sequence[Checked], existing: Sequence[Row | None]) -> None:
    problems = [
        f"The bitstream of {slot.original} is here already as {row.name!r}; keep that name."
        for (slot, _, _), row in zip(received, existing, strict=True)
        if isinstance(row, Bitstream) and row.name != slot.name
    ]
    if problems:
        raise Refused("bitstream-name", *problems)


def _store(submission: Submission, file: Checked, row: Row | None) -> Receipt:
    slot, incoming, notes = file
    content: dict[str, Any] = {"size_bytes": incoming.size_bytes, "sha256": incoming.sha256}
    if slot.kind == "decoder":
        content["notes"] = notes
    if row is not None:
        type(row).objects.filter(pk=row.pk).update(**content)
        return _receipt(file, "replaced")
    if slot.original is None:
        Decoder.objects.create(submission=submission, **content)
    elif slot.kind == "decoded":
        DecodedImage.objects.create(submission=submission, original=slot.original, **content)
    else:
        Bitstream.objects.create(
            submission=submission, original=slot.original, name=slot.name, **content
        )
    return _receipt(file, "created")


def _receipt(file: Checked, outcome: Literal["created", "replaced", "unchanged"]) -> Receipt:
    slot, incoming, notes = file
    return Receipt(slot.path, incoming.size_bytes, incoming.sha256, outcome, notes)
