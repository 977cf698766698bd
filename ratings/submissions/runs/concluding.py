"""What came of a run is judged here, wherever it ran, and the run is concluded by it."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from ratings.challenge.access.visibility import own_scores_open
from ratings.challenge.models import Original
from ratings.database.patience import when_it_answers
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.results.telling_elsewhere import why_untold
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.sandbox.worlds import USUAL, WORLDS
from ratings.submissions.intake.slots import Slots
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs import outputs, workers
from ratings.submissions.runs.elsewhere import first_run, originals_of
from ratings.submissions.runs.elsewhere_verdicts import tell
from ratings.submissions.runs.lease import lease_of
from ratings.submissions.runs.lifecycle import end_run, fail_run, set_outcome, succeed_run
from ratings.submissions.runs.outputs import CheckedOutputs
from ratings.submissions.submission_locks import lock

# What took hours to decode is not thrown away because the database is being restarted.
PATIENCE_SECONDS = 900
Clock = Callable[[], datetime]
Score = Callable[[Submission], None]


def judge(run: Run, made: RunResult | FileRefused, now: Clock, score: Score) -> None:
    """Conclude a run by what its decoder made, or by why it can't be started.

    Its pictures become the submission's decoded images, and `score` is called in the same
    transaction; a run that compares leaves them as they are, and one elsewhere tells of them.
    Nothing is kept of a run whose lease ended meanwhile.
    """
    if isinstance(made, FileRefused):
        _fail(run, str(made), made.problems, now, never_ran=True)
        return
    originals, slots = when_it_answers(lambda: expected(run), seconds=PATIENCE_SECONDS)
    set_outcome(run, made, [original.name for original in originals])
    judged = outputs.check_outputs(made, slots, originals)
    if run.world != USUAL.slug:
        _tell(run, made, judged, originals, now)
    elif judged.problems:
        _fail(run, made.verdict, judged.problems, now, never_ran=not made.diagnosis.started)
    elif run.compares:
        _compare(run, judged, now)
    else:
        _accept(run, judged, now, score)


def expected(run: Run) -> tuple[list[Original], Slots]:
    """Return the originals whose pictures the run is to make, and where each belongs."""
    return originals_of(run), Slots(run.submission.phase)


def _fail(
    run: Run, verdict: str, problems: list[str], now: Clock, *, never_ran: bool = False
) -> None:
    _conclude(run, lambda: fail_run(run, verdict, now(), *problems, never_ran=never_ran))


def _tell(
    run: Run, made: RunResult, judged: CheckedOutputs, originals: list[Original], now: Clock
) -> None:
    world = WORLDS[run.world]
    first = when_it_answers(lambda: first_run(run.submission), seconds=PATIENCE_SECONDS)
    if untold := why_untold(made, world, first.environment if first else {}):
        _conclude(run, lambda: end_run(run, Run.State.STOPPED, untold, now()))
        return
    is_other = first is None or run.processor != first.processor
    where = world.words + (", on another processor" if is_other else "")
    shows_scores = own_scores_open(run.submission.phase, now())
    told = tell(judged, originals, _scored(run), where, shows_scores=shows_scores)
    run.told, run.reproduced = told.as_json(), told.is_equal
    state = Run.State.FAILED if told.is_broken else Run.State.SUCCEEDED
    _conclude(run, lambda: end_run(run, state, told.verdict, now()))


def _scored(run: Run) -> dict[int, str]:
    images = run.submission.decoded_images.values_list("original", "sha256")
    return when_it_answers(lambda: dict(images.all()), seconds=PATIENCE_SECONDS)


def _compare(run: Run, judged: CheckedOutputs, now: Clock) -> None:
    scored = _scored(run)
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
                at = run.finished_at or run.queued_at
                workers.note(run.worker_id, at, run.verdict, run.environment, run.processor)

    when_it_answers(conclude, seconds=PATIENCE_SECONDS)
