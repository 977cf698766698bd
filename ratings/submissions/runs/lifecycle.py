"""The runs of decoders, on record: queued, and ended well or badly."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction

from ratings.challenge.keys.decoder_limits import decoder_limits
from ratings.sandbox.results.run_result import RunResult
from ratings.submissions.intake.closing import mark_failed, progress_of_submission
from ratings.submissions.models import Run, Submission
from ratings.submissions.picked_environments import environment_of
from ratings.submissions.runs.site_sources import why_it_waits


def queue_run(submission: Submission, at: datetime, *, compares: bool = False) -> Run:
    """Put a run of the submission's decoder on record; a worker is to be told of it."""
    environment = environment_of(submission)
    run = Run(
        submission=submission,
        compares=compares,
        queued_at=at,
        source=environment.source,
        gpu=environment.gpu,
        limits=asdict(decoder_limits(submission.phase.decoder_limits)),
    )
    run.verdict, run.fault = why_it_waits(run, at)
    run.save()
    return run


def queue_first_run(submission_id: UUID, at: datetime) -> Run | None:
    """Put the run on record that is to make a submission's pictures.

    None stands for pictures that are here already: they are scored without a run.
    """
    submission = Submission.objects.select_related("phase", "team").get(pk=submission_id)
    return queue_run(submission, at) if progress_of_submission(submission).decodes else None


def fail_run(
    run: Run,
    verdict: str,
    at: datetime,
    *problems: str,
    by_server: bool = False,
    never_ran: bool = False,
) -> None:
    """End the run, and with it the submission, unless the run only compares."""
    with transaction.atomic():
        end_run(run, Run.State.FAILED, verdict, at)
        if not run.compares:
            told = [log_text(problem.encode()) for problem in problems or [verdict]]
            mark_failed(run.submission, told, at, by_server=by_server, never_ran=never_ran)


def succeed_run(run: Run, verdict: str, at: datetime, *, reproduced: bool | None = None) -> None:
    """End a run whose outputs are all good."""
    run.reproduced = reproduced
    end_run(run, Run.State.SUCCEEDED, verdict, at)


def end_run(run: Run, state: Run.State, verdict: str, at: datetime) -> None:
    """End a run in this state, and save all that is set of it."""
    run.state, run.verdict, run.finished_at = state, log_text(verdict.encode()), at
    run.save()


def set_outcome(run: Run, result: RunResult, pictures: Collection[str]) -> None:
    """Set what was measured, and one output for each of the pictures; saved when the run ends."""
    termination = result.termination
    run.log = log_text(result.log)
    run.limit_met = termination.limit or ""
    run.wall_seconds, run.cpu_seconds = termination.wall_seconds, termination.cpu_seconds
    run.peak_memory_bytes = termination.peak_memory_bytes
    run.exit_code = termination.exit_code
    run.signal = termination.signal.name if termination.signal else ""
    kept = _first_of_each(result.outputs, pictures)
    run.outputs = {log_text(path.encode()): result.outputs[path].sha256 for path in kept}
    run.environment, run.processor = dict(result.environment), result.processor[:200]


def log_text(log: bytes) -> str:
    """Return bytes as text that the database takes."""
    return log.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _first_of_each(paths: Iterable[str], names: Collection[str]) -> Iterator[str]:
    """Yield the first path of each name: thousands of others may be there."""
    wanted = set(names)
    for path in sorted(paths):
        if (name := PurePosixPath(path).name) in wanted:
            wanted.remove(name)
            yield path
