"""Runs by workers elsewhere: what they may read and send under a lease, and how it is judged."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ratings.challenge.receiving import receive_file
from ratings.challenge.refusals import Refused
from ratings.sandbox.results.run_records import LARGEST_RECORD_BYTES, read_record
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.storage.deletion import brought
from ratings.submissions.intake.slots import Slots
from ratings.submissions.models import Run, Worker
from ratings.submissions.runs import lease
from ratings.submissions.runs.concluding import Clock, Score, expected, judge
from ratings.submissions.runs.delivered_files import (
    RECORD,
    forget,
    keep_file,
    picture_of,
    record_of,
    sizes_of,
)
from ratings.submissions.runs.lease import lease_of
from ratings.submissions.runs.work_folders import work_folder
from ratings.submissions.submission_locks import lock

LOST = "The lease of this run has ended; leave it, and ask for the next one."


def held_by(worker: Worker, run_id: int, attempt: int) -> Run:
    """Return the run whose attempt a worker carries out. Raises Refused, code "lease-lost"."""
    own = lease_of(Run(pk=run_id, attempt=attempt)).filter(worker=worker, delivered_at=None)
    run = own.select_related("submission__phase").first()
    if run is None:
        raise Refused("lease-lost", LOST)
    return run


def renew_lease(run: Run, at: datetime, log: bytes | None = None) -> None:
    """Renew a run's lease, with the log so far. Raises Refused, code "lease-lost"."""
    if not lease.renew(run, at, log):
        raise Refused("lease-lost", LOST)


def receive_picture(
    run: Run, name: str, chunks: Iterable[bytes], sha256: str | None, at: datetime
) -> None:
    """Keep a picture that was made until the run is judged; another of its name gives way.

    It may have as many bytes as one that a team sends, and is looked at as that is when the run is
    judged. Raises Refused, code "unknown-name", "too-large", "digest-mismatch" or "lease-lost".
    """
    slot = Slots(run.submission.phase).find("decoded", name)
    assert slot.original
    with (
        receive_file(chunks, slot.limit_bytes, sha256) as incoming,
        brought([incoming], at),
        transaction.atomic(),
    ):
        _hold(run)
        keep_file(run, slot.original.name, incoming, at)


def receive_record(
    worker: Worker,
    run_id: int,
    attempt: int,
    chunks: Iterable[bytes],
    sha256: str | None,
    at: datetime,
    queue: Callable[[Run], None],
) -> None:
    """Take what came of an attempt; `queue` its judging in the same transaction.

    Sent once more, when its answer was lost, it changes nothing. Raises Refused, code
    "lease-lost", "too-large", "digest-mismatch", "run-record", or "run-incomplete" with each
    picture that is to be sent before.
    """
    if Run.objects.filter(pk=run_id, attempt=attempt, worker=worker).exclude(delivered_at=None):
        return
    run = held_by(worker, run_id, attempt)
    with receive_file(chunks, LARGEST_RECORD_BYTES, sha256) as incoming:
        _require_complete(run, incoming.temporary.read_bytes())
        with brought([incoming], at), transaction.atomic():
            lock(run.submission_id)
            _hold(run)
            keep_file(run, RECORD, incoming, at)
            Run.objects.filter(pk=run.pk).update(delivered_at=at)
            queue(run)


def release_lease(run: Run, fault: str, at: datetime) -> None:
    """Let another worker carry the run out; `fault` says what went wrong with this one.

    Raises Refused, code "lease-lost": another one does already, and delivers.
    """
    with transaction.atomic():
        lock(run.submission_id)
        _hold(run)
        lease.release(run.pk, run.attempt, fault, at)
        forget(run.deliveries.all(), at)


def judge_delivery(run_id: int, attempt: int, now: Clock, score: Score) -> None:
    """Conclude a run that was delivered, as `judge` does, unless it has ended meanwhile."""
    delivered = lease_of(Run(pk=run_id, attempt=attempt)).exclude(delivered_at=None)
    run = delivered.select_related("submission__phase", "submission__team").first()
    if run:
        limits, sizes = Limits.from_record(run.limits), sizes_of(run)
        with work_folder(run) as folder:
            made = read_record(record_of(run), limits, lambda one: picture_of(one, sizes, folder))
            judge(run, made, now, score)
        forget(run.deliveries.all(), now())


def _hold(run: Run) -> None:
    """Let the lease end for nobody until the transaction does. Raises Refused, "lease-lost"."""
    held = lease_of(run).filter(delivered_at=None).select_for_update(of=("self",))
    if not held.exists():
        raise Refused("lease-lost", LOST)


def _require_complete(run: Run, record: bytes) -> None:
    """Raise Refused where a picture that is to be looked at was not sent as it is told."""
    sizes = sizes_of(run)
    try:
        made = read_record(record, Limits.from_record(run.limits), Path)
    except ValueError as error:
        raise Refused("run-record", f"What came of the run can't be read: {error}.") from error
    if isinstance(made, FileRefused):
        return
    originals, slots = expected(run)
    wanted = made.first_outputs(original.name for original in originals)
    lacking = [
        f"decoded/{name} was not sent, or is not what the record tells; send it."
        for name, output in wanted.items()
        if output.size_bytes <= slots.find("decoded", name).limit_bytes
        and sizes.get(output.sha256) != output.size_bytes
    ]
    if lacking:
        raise Refused("run-incomplete", *lacking)
