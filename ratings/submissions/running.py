"""The runs of decoders, on record: queued, begun by a worker, followed, stopped, ended."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from ratings.challenge.acts import record, require_note
from ratings.challenge.limits import decoder_limits
from ratings.challenge.models import Act
from ratings.challenge.refusals import Refused
from ratings.sandbox.outcome import Outcome
from ratings.submissions.closing import mark_failed, requeue
from ratings.submissions.ingest import lock
from ratings.submissions.models import Run, Submission

MOST_ATTEMPTS = 5
PULSE_SECONDS = 1.0
WORKERS_DIED = "The server could not run the decoder: each time its worker died."
CURRENT = (Run.State.WAITING, Run.State.RUNNING)
WANTED = Q(compares=True) | Q(submission__state=Submission.State.QUEUED)
NOT_WANTED = "It did not run: its submission no longer waits."


def queue_run(submission: Submission, at: datetime, *, compares: bool = False) -> Run:
    """Put a run of the submission's decoder on record; a worker is to be told of it."""
    limits = asdict(decoder_limits(submission.phase.decoder_limits))
    return Run.objects.create(submission=submission, compares=compares, queued_at=at, limits=limits)


def begin_run(run_id: int, at: datetime) -> Run | None:
    """Return the run for a worker to carry out; None when it has ended or nobody wants it.

    One that is running already was left by a worker that died, and is begun again.
    """
    with transaction.atomic():
        submission = lock(Submission.objects.only("pk").get(runs=run_id).pk)
        run = submission.runs.select_for_update(of=("self",)).get(pk=run_id)
        if run.state not in CURRENT:
            return None
        if not run.compares and submission.state != Submission.State.QUEUED:
            _end(run, Run.State.STOPPED, NOT_WANTED, at)
            return None
        if run.attempt >= MOST_ATTEMPTS:
            fail_run(run, run.verdict or WORKERS_DIED, at, by_server=True)
            return None
        run.state, run.attempt, run.started_at = Run.State.RUNNING, run.attempt + 1, at
        run.log = run.verdict = ""
        run.save(update_fields=["state", "attempt", "started_at", "log", "verdict"])
    return run


def postpone_run(run_id: int, why: str, at: datetime) -> bool:
    """Let the run wait, and say why; end it if nobody wants it any more. Tell whether it waits."""
    current = Run.objects.filter(pk=run_id, state__in=CURRENT)
    if current.filter(WANTED).update(state=Run.State.WAITING, verdict=why):
        return True
    current.update(state=Run.State.STOPPED, verdict=NOT_WANTED, finished_at=at)
    return False


def fail_run(run: Run, verdict: str, at: datetime, *problems: str, by_server: bool = False) -> None:
    """End the run, and with it the submission, unless the run only compares."""
    with transaction.atomic():
        _end(run, Run.State.FAILED, verdict, at)
        if not run.compares:
            mark_failed(run.submission, problems or [verdict], at, by_server=by_server)


def succeed_run(run: Run, verdict: str, at: datetime, *, reproduced: bool | None = None) -> None:
    """End a run whose outputs are all good."""
    run.reproduced = reproduced
    _end(run, Run.State.SUCCEEDED, verdict, at)


def still_mine(run: Run) -> QuerySet[Run]:
    """Return the run as long as this worker's attempt at it is wanted, else nothing."""
    return Run.objects.filter(WANTED, pk=run.pk, state=Run.State.RUNNING, attempt=run.attempt)


class Follower:
    """Writes a run's log to the database while it grows; knows whether to go on."""

    def __init__(self, run: Run, clock: Callable[[], float] = monotonic) -> None:
        self._run, self._clock = run, clock
        self._log, self._written = bytearray(), 0
        self._due = clock()
        self._wanted = True

    def write(self, data: bytes) -> None:
        """Take what the program printed."""
        self._log += data

    def keep_going(self) -> bool:
        """Tell whether the run is still wanted; the database is asked once a second."""
        if self._clock() >= self._due:
            self._due = self._clock() + PULSE_SECONDS
            self._wanted = self._pulse()
        return self._wanted

    def _pulse(self) -> bool:
        mine = still_mine(self._run)
        if len(self._log) == self._written:
            return mine.exists()
        self._written = len(self._log)
        return bool(mine.update(log=as_text(self._log)))


def note_outcome(run: Run, outcome: Outcome) -> None:
    """Set what was measured; it is saved when the run ends."""
    ending = outcome.ending
    run.log = as_text(outcome.log)
    run.limit_met = ending.limit or ""
    run.wall_seconds, run.cpu_seconds = ending.wall_seconds, ending.cpu_seconds
    run.peak_memory_bytes = ending.peak_memory_bytes
    run.exit_code = ending.exit_code
    run.signal = ending.signal.name if ending.signal else ""
    run.outputs = {as_text(p.encode()): o.sha256 for p, o in outcome.outputs.items()}
    run.environment, run.processor = dict(outcome.environment), outcome.processor[:200]


def as_text(log: bytes | bytearray) -> str:
    """Return bytes as text that the database takes."""
    return log.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def stop(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Stop the submission's decoder; what waits for it fails, and takes nothing from the quota.

    Raises Refused, code "note", or "run" where nothing runs or waits.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        stopped = _current(submission).select_for_update()
        if not stopped:
            raise Refused("run", "No decoder of this submission runs or waits.")
        verdict = f"An organizer stopped the decoder: {note}"
        for run in stopped:
            _end(run, Run.State.STOPPED, verdict, at)
        mark_failed(submission, [verdict], at, by_server=True)
        _record(submission, Act.Kind.STOP, at, note, by)


def run_again(submission_id: UUID, at: datetime, *, note: str, by: str) -> Run:
    """Put another run of the decoder on record: one that failed is tried again, a scored compared.

    Raises Refused, code "note", or "run" where there is nothing to run.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        if problem := against_running_again(submission):
            raise Refused("run", problem)
        requeue(submission)
        compares = submission.state == Submission.State.SCORED
        _record(submission, Act.Kind.RUN, at, note, by)
        return queue_run(submission, at, compares=compares)


def may_stop(submission: Submission) -> bool:
    """Tell whether the submission's decoder runs or waits."""
    return _current(submission).exists()


def against_running_again(submission: Submission) -> str:
    """Return why the submission's decoder can't be run again now; "" where it can."""
    if may_stop(submission):
        return "Its decoder runs or waits already; stop it first."
    if submission.state not in (Submission.State.SCORED, Submission.State.FAILED):
        return f"This submission is {submission.state}; only what has ended is run again."
    if not hasattr(submission, "decoder") or not submission.bitstreams.exists():
        return "This submission has no decoder with bitstreams, so nothing can be run."
    return ""


def _current(submission: Submission) -> QuerySet[Run]:
    return submission.runs.filter(state__in=CURRENT)


def _record(submission: Submission, kind: Act.Kind, at: datetime, note: str, by: str) -> None:
    phase, team = submission.phase, submission.team
    subject = f"{phase.name}: {submission.method} ({submission.pk})"
    record(phase.challenge, kind, by, at, team=team, subject=subject, note=note)


def _end(run: Run, state: Run.State, verdict: str, at: datetime) -> None:
    run.state, run.verdict, run.finished_at = state, as_text(verdict.encode()), at
    run.save()
