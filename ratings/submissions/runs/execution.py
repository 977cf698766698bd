"""One run of a decoder, from its lease to its end.

A worker claims the run's lease, stages its files, runs the decoder in the sandbox with a heartbeat,
looks at the pictures that came out, and concludes the run.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from django.db import transaction

from ratings.database.patience import when_it_answers
from ratings.sandbox.decoders.unpacking import unpack
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.sandbox_errors import FileRefused, SandboxUnavailable
from ratings.sandbox.sandboxes import Sandbox
from ratings.storage.scratch import DECODING, scratch
from ratings.storage.shelves import CONTENT
from ratings.submissions.intake.decoder_rules import decoding_machine
from ratings.submissions.intake.slots import Slots
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs import outputs
from ratings.submissions.runs.heartbeat import RunHeartbeat
from ratings.submissions.runs.lease import LeaseHeld, claim, lease_of, release, require_ended
from ratings.submissions.runs.lifecycle import fail_run, set_outcome, succeed_run
from ratings.submissions.runs.outputs import CheckedOutputs
from ratings.submissions.submission_locks import lock

# What took hours to decode is not thrown away because the database is being restarted.
PATIENCE_SECONDS = 900
Clock = Callable[[], datetime]
Score = Callable[[Submission], None]
_log = logging.getLogger(__name__)


def carry_out(run_id: int, open_sandbox: Callable[[], Sandbox], now: Clock, score: Score) -> None:
    """Carry out a run, if it still has to be; `score` is called as `execute` says.

    Raises LeaseHeld where another worker carries it out, and what went wrong here (such as
    SandboxUnavailable) where the run is to be tried again.
    """
    attempt = None
    try:
        sandbox = open_sandbox()
        if run := claim(run_id, now()):
            attempt = run.attempt
            execute(run, sandbox, now, score)
        require_ended(run_id)
    except LeaseHeld:
        raise
    except Exception as error:
        unforeseen = not isinstance(error, SandboxUnavailable)
        _log.warning("Run %s can't be carried out: %s", run_id, error, exc_info=unforeseen)
        if release(run_id, attempt, str(error), now()):
            raise


def execute(run: Run, sandbox: Sandbox, now: Clock, score: Score) -> None:
    """Execute a run that was claimed, and conclude it by what its decoder made.

    Its pictures become the submission's decoded images, and `score` is called in the same
    transaction; a run that compares leaves them as they are. Nothing is kept of a run whose lease
    ended meanwhile. Raises SandboxUnavailable.
    """
    phase = run.submission.phase
    slots, originals = Slots(phase), list(phase.originals())
    # The lease is held until the run has ended: judging and storing take time too.
    with _work_folder(run) as folder, RunHeartbeat(run, now) as heartbeat:
        try:
            program, inputs, made = _stage(run, folder)
            result = sandbox.run(
                program,
                inputs,
                made,
                Limits.from_record(run.limits),
                log=heartbeat.write,
                keep_going=heartbeat.keep_going,
            )
        except FileRefused as refused:
            _fail(run, "\n".join(refused.problems), refused.problems, now, never_ran=True)
            return
        set_outcome(run, result, [original.name for original in originals])
        judged = outputs.check_outputs(result, slots, originals)
        if judged.problems:
            never_ran = not result.diagnosis.started
            _fail(run, result.verdict, judged.problems, now, never_ran=never_ran)
        elif run.compares:
            _compare(run, judged, now)
        else:
            _accept(run, judged, now, score)


@contextmanager
def _work_folder(run: Run) -> Iterator[Path]:
    """Make a folder for the run that goes away with it, and clear those of attempts that died."""
    folder, own = scratch(DECODING), f"{run.pk}-"
    for left in folder.glob(f"{own}*"):
        rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=folder, prefix=own) as made:
        yield Path(made)


def _stage(run: Run, folder: Path) -> tuple[Path, Mapping[str, Path], Path]:
    """Return the unpacked program, the bitstreams by name, and a folder for what is made of them.

    Raises FileRefused.
    """
    program, sent, made = (folder / name for name in ("program", "sent", "outputs"))
    for each in (program, sent, made):
        each.mkdir()
    submission = run.submission
    bitstreams = submission.bitstreams.values_list("name", "sha256")
    inputs = {name: CONTENT.link(sha256, sent) for name, sha256 in bitstreams}
    unpack(CONTENT.link(submission.decoder.sha256, sent), program, decoding_machine())
    return program, inputs, made


def _fail(
    run: Run, verdict: str, problems: list[str], now: Clock, *, never_ran: bool = False
) -> None:
    _conclude(run, lambda: fail_run(run, verdict, now(), *problems, never_ran=never_ran))


def _compare(run: Run, judged: CheckedOutputs, now: Clock) -> None:
    images = run.submission.decoded_images.values_list("original", "sha256")
    scored = when_it_answers(lambda: dict(images.all()), seconds=PATIENCE_SECONDS)
    differing = outputs.differing(scored, judged.outputs)
    verdict = outputs.comparison(differing, len(judged.outputs))
    _conclude(run, lambda: succeed_run(run, verdict, now(), reproduced=not differing))


def _accept(run: Run, judged: CheckedOutputs, now: Clock, score: Score) -> None:
    pictures = outputs.receive_outputs(judged.outputs)
    verdict = f"The decoder ran to its end and made all {len(pictures)} pictures."

    def accept() -> None:
        outputs.keep_pictures(run.submission, pictures)
        succeed_run(run, verdict, now())
        score(run.submission)

    _conclude(run, accept)


def _conclude(run: Run, end: Callable[[], None]) -> None:
    """End the run if its lease is still held; wait for a database that is away."""

    def conclude() -> None:
        with transaction.atomic():
            lock(run.submission_id)
            if lease_of(run).select_for_update(of=("self",)).exists():
                end()

    when_it_answers(conclude, seconds=PATIENCE_SECONDS)
