"""Runs by workers elsewhere: what they may read and send under a lease, and how it is judged."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ratings.challenge.receiving import receive_file
from ratings.challenge.refusals import Refused
from ratings.sandbox.results.run_records import LARGEST_RECORD_BYTES, read_record
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.submissions.intake.slots import Slots
from ratings.submissions.models import Run, Worker
from ratings.submissions.runs import lease
from ratings.submissions.runs.concluding import Clock, Score, judge
from ratings.submissions.runs.lease import lease_of
from ratings.submissions.runs.work_folders import clear, delivery_folder
from ratings.submissions.submission_locks import lock

LOST = "The lease of this run has ended; leave it, and ask for the next one."
RECORD = "record"  # the name of a file beside the pictures
_log = logging.getLogger(__name__)


def claim_for(worker: Worker, at: datetime) -> Run | None:
    """Claim the next run for a worker elsewhere; None where no run waits."""
    run = lease.claim_next(worker, at)
    if run:
        clear(run)  # what is left of an attempt that died
    return run


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


def receive_picture(run: Run, name: str, chunks: Iterable[bytes], sha256: str | None) -> None:
    """Keep a picture that was made until the run is judged; another of its name gives way.

    It may have as many bytes as one that a team sends, and is looked at as that is when the run is
    judged. Raises Refused, code "unknown-name", "too-large" or "digest-mismatch".
    """
    slot = Slots(run.submission.phase).find("decoded", name)
    assert slot.original
    with receive_file(chunks, slot.limit_bytes, sha256) as incoming:
        folder, own = delivery_folder(run), f"{slot.original.pk}-"
        incoming.temporary.replace(folder / f"{own}{incoming.sha256}")
        for other in folder.glob(f"{own}*"):
            if other.name != f"{own}{incoming.sha256}":
                other.unlink(missing_ok=True)


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
        _require_complete(run, incoming.temporary)
        incoming.temporary.replace(delivery_folder(run) / RECORD)
    with transaction.atomic():
        lock(run.submission_id)
        held = lease_of(run).filter(delivered_at=None).select_for_update(of=("self",))
        if not held.exists():
            raise Refused("lease-lost", LOST)
        Run.objects.filter(pk=run.pk).update(delivered_at=at)
        queue(run)


def release_lease(run: Run, fault: str, at: datetime) -> None:
    """Let another worker carry the run out; `fault` says what went wrong with this one."""
    lease.release(run.pk, run.attempt, fault, at)
    clear(run)


def judge_delivery(run_id: int, attempt: int, now: Clock, score: Score) -> None:
    """Conclude a run that was delivered, as `judge` does, unless it has ended meanwhile."""
    delivered = lease_of(Run(pk=run_id, attempt=attempt)).exclude(delivered_at=None)
    run = delivered.select_related("submission__phase", "submission__team").first()
    if run:
        judge(run, _read(run, delivery_folder(run) / RECORD), now, score)
        clear(run)


def _read(run: Run, record: Path) -> RunResult | FileRefused:
    folder = delivery_folder(run)
    delivered = {path.name.partition("-")[2]: path for path in folder.iterdir()}
    return read_record(
        record.read_bytes(),
        Limits.from_record(run.limits),
        lambda sha256: delivered.get(sha256, folder / sha256),
    )


def _require_complete(run: Run, record: Path) -> None:
    """Raise Refused where a picture that is to be looked at was not sent as it is told."""
    try:
        made = _read(run, record)
    except ValueError as error:
        raise Refused("run-record", f"What came of the run can't be read: {error}.") from error
    if isinstance(made, FileRefused):
        return
    slots = Slots(run.submission.phase)
    wanted = made.first_outputs(o.name for o in run.submission.phase.originals())
    lacking = [
        f"decoded/{name} was not sent, or is not what the record tells; send it."
        for name, output in wanted.items()
        if output.size_bytes <= slots.find("decoded", name).limit_bytes
        and not (output.file.exists() and output.file.stat().st_size == output.size_bytes)
    ]
    if lacking:
        raise Refused("run-incomplete", *lacking)
