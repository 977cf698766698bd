"""The runs of decoders, on record: queued, begun by a worker, stopped, ended."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from ratings.challenge.acts import record, require_note
from ratings.challenge.limits import decoder_limits
from ratings.challenge.models import Act
from ratings.challenge.refusals import Refused
from ratings.sandbox.outcome import Outcome
from ratings.submissions.closing import mark_failed, progress, requeue
from ratings.submissions.following import WANTED, as_text, lives
from ratings.submissions.ingest import lock
from ratings.submissions.models import Run, Submission

MOST_ATTEMPTS = 5
POSTPONED = "The server can't run the decoder at the moment; it tries again by itself."
GIVEN_UP = "The server could not run the decoder: it is at fault, and nothing is counted."
WORKERS_DIED = "Each time the worker that ran the decoder died."
NOT_WANTED = "It did not run: its submission no longer waits."


class StillRunning(Exception):
    """Another worker carries the run out; whoever asks has to look again when it may be dead."""


def queue_run(submission: Submission, at: datetime, *, compares: bool = False) -> Run:
    """Put a run of the submission's decoder on record; a worker is to be told of it."""
    limits = asdict(decoder_limits(submission.phase.decoder_limits))
    return Run.objects.create(submission=submission, compares=compares, queued_at=at, limits=limits)


def begin_run(run_id: int, at: datetime) -> Run | None:
    """Return the run for a worker to carry out; None when it has ended or nobody wants it.

    One whose worker died is begun again. Raises StillRunning where it lives.
    """
    with transaction.atomic():
        submission = lock(Submission.objects.only("pk").get(runs=run_id).pk)
        run = submission.runs.select_for_update(of=("self",)).get(pk=run_id)
        if run.state not in Run.CURRENT:
            return None
        if not run.compares and submission.state != Submission.State.QUEUED:
            _end(run, Run.State.STOPPED, NOT_WANTED, at)
            return None
        if submission.runs.filter(lives(at), pk=run_id).exists():
            raise StillRunning
        if run.attempt >= MOST_ATTEMPTS:
            run.fault = run.fault or WORKERS_DIED
            fail_run(run, GIVEN_UP, at, by_server=True)
            return None
        run.state, run.attempt, run.started_at = Run.State.RUNNING, run.attempt + 1, at
        run.pulse_at, run.log, run.verdict, run.fault = at, "", "", ""
        run.save()
    return run


def require_over(run_id: int) -> None:
    """Raise StillRunning where the run has not ended: another worker has taken it over."""
    if Run.objects.filter(WANTED, pk=run_id, state__in=Run.CURRENT).exists():
        raise StillRunning


def postpone_run(run_id: int, attempt: int | None, fault: str, at: datetime) -> bool:
    """Let the run wait for another attempt, if it is this worker's, who failed at `attempt`.

    None stands for no attempt: the worker can't even begin. Tell whether the run is to be tried
    again, by whomever; end it if nobody wants it any more.
    """
    current = Run.objects.filter(pk=run_id, state__in=Run.CURRENT)
    mine = Q(attempt=attempt) if attempt is not None else ~lives(at)
    waits = {"state": Run.State.WAITING, "verdict": POSTPONED, "fault": as_text(fault.encode())}
    current.filter(WANTED, mine).update(**waits)
    current.exclude(WANTED).update(state=Run.State.STOPPED, verdict=NOT_WANTED, finished_at=at)
    return current.exists()


def fail_run(run: Run, verdict: str, at: datetime, *problems: str, by_server: bool = False) -> None:
    """End the run, and with it the submission, unless the run only compares."""
    with transaction.atomic():
        _end(run, Run.State.FAILED, verdict, at)
        if not run.compares:
            told = [as_text(problem.encode()) for problem in problems or [verdict]]
            mark_failed(run.submission, told, at, by_server=by_server)


def succeed_run(run: Run, verdict: str, at: datetime, *, reproduced: bool | None = None) -> None:
    """End a run whose outputs are all good."""
    run.reproduced = reproduced
    _end(run, Run.State.SUCCEEDED, verdict, at)


def note_outcome(run: Run, outcome: Outcome, pictures: Collection[str]) -> None:
    """Set what was measured, and one output for each of the pictures; saved when the run ends."""
    ending = outcome.ending
    run.log = as_text(outcome.log)
    run.limit_met = ending.limit or ""
    run.wall_seconds, run.cpu_seconds = ending.wall_seconds, ending.cpu_seconds
    run.peak_memory_bytes = ending.peak_memory_bytes
    run.exit_code = ending.exit_code
    run.signal = ending.signal.name if ending.signal else ""
    kept = _first_of_each(outcome.outputs, pictures)
    run.outputs = {as_text(path.encode()): outcome.outputs[path].sha256 for path in kept}
    run.environment, run.processor = dict(outcome.environment), outcome.processor[:200]


def _first_of_each(paths: Iterable[str], names: Collection[str]) -> Iterator[str]:
    """Yield the first path of each name: thousands of others may be there."""
    wanted = set(names)
    for path in sorted(paths):
        if (name := PurePosixPath(path).name) in wanted:
            wanted.remove(name)
            yield path


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


def run_again(submission_id: UUID, at: datetime, *, note: str, by: str) -> Run | None:
    """Put another run of the decoder on record: one that failed is tried again, a scored compared.

    None stands for pictures that are here already, of a submission that failed: it waits again for
    their scores alone. Raises Refused, code "note", or "run" where there is nothing to run.
    """
    note = require_note(note)
    with transaction.atomic():
        submission = lock(submission_id)
        if problem := against_running_again(submission):
            raise Refused("run", problem)
        scores_alone = waits_for_scores_alone(submission)
        requeue(submission)
        _record(submission, Act.Kind.RUN, at, note, by)
        if scores_alone:
            return None
        compares = submission.state == Submission.State.SCORED
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
    if waits_for_scores_alone(submission):
        return ""
    if not hasattr(submission, "decoder") or not submission.bitstreams.exists():
        return "This submission has no decoder with bitstreams, so nothing can be run."
    return ""


def waits_for_scores_alone(submission: Submission) -> bool:
    """Tell whether the submission failed though its pictures are here, and no decoder is to run."""
    if submission.state != Submission.State.FAILED:
        return False
    found = progress(submission)
    return found.decoded > 0 and not (found.decodes or found.missing_images)


def _current(submission: Submission) -> QuerySet[Run]:
    return submission.runs.filter(state__in=Run.CURRENT)


def _record(submission: Submission, kind: Act.Kind, at: datetime, note: str, by: str) -> None:
    phase, team = submission.phase, submission.team
    subject = f"{phase.name}: {submission.method} ({submission.pk})"
    record(phase.challenge, kind, by, at, team=team, subject=subject, note=note)


def _end(run: Run, state: Run.State, verdict: str, at: datetime) -> None:
    run.state, run.verdict, run.finished_at = state, as_text(verdict.encode()), at
    run.save()
