"""Judging what a decoder made: in a sandbox of the tests, whose program has ended already."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import Event, current_thread, main_thread

import pytest

from ratings.sandbox.results.run_result import Output, RunResult, Termination
from ratings.sandbox.run_limits import Limits
from ratings.sandbox.worlds import USUAL, World
from ratings.storage import content_store
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs.execution import execute
from ratings.submissions.runs.lease import claim
from ratings.submissions.runs.lifecycle import queue_run
from tests.builders import NOW, build_bitstream, build_decoder, build_phase, build_submission
from tests.waiting import PATIENCE_SECONDS, eventually


@dataclass
class Ended:
    """A sandbox whose program has made these pictures; `looked_at` is called before judging.

    Or it runs until it `is_stopped`.
    """

    pictures: Mapping[str, bytes]
    looked_at: Callable[[], object] = lambda: None
    is_stopped: bool = False

    def run(
        self,
        decoder: Path,
        inputs: Mapping[str, Path],
        outputs: Path,
        limits: Limits,
        *,
        log: Callable[[bytes], object] | None = None,
        keep_going: Callable[[], bool] = lambda: True,
        world: World = USUAL,
    ) -> RunResult:
        if self.is_stopped:
            eventually(lambda: not keep_going())
        made = Made(self.looked_at)
        for number, (path, png) in enumerate(self.pictures.items()):
            (outputs / str(number)).write_bytes(png)
            made[path] = Output(outputs / str(number), len(png), sha256(png).hexdigest())
        return RunResult(Termination(0), limits, b"ended\n", made)


class Made(dict[str, Output]):
    """Outputs that tell when they are looked at."""

    def __init__(self, looked_at: Callable[[], object]) -> None:
        super().__init__()
        self._looked_at = looked_at

    def __iter__(self) -> Iterator[str]:
        self._looked_at()
        return super().__iter__()


@dataclass
class Clock:
    """Tells the instant to a run and its heartbeat, whose thread asks at each beat."""

    beaten: Event = field(default_factory=Event)

    def __call__(self) -> datetime:
        if current_thread() is not main_thread():
            self.beaten.set()
        return NOW


def begun() -> Run:
    submission = build_submission(
        build_phase(names=("a.png",), decoder_rule="required"),
        state=Submission.State.QUEUED,
        submitted_at=NOW,
    )
    build_decoder(submission)
    for original in submission.phase.originals():
        build_bitstream(submission, original)
    run = claim(queue_run(submission, NOW).pk, NOW)
    assert run
    return run


def pictures_of(run: Run) -> dict[str, bytes]:
    return {o.name: content_store.load(o.sha256) for o in run.submission.phase.originals()}


@pytest.mark.django_db(transaction=True)
def test_a_run_lives_while_its_outputs_are_judged() -> None:
    """Else another worker would begin it again while hundreds of pictures are checked."""
    run, clock, scored = begun(), Clock(), list[Submission]()

    def wait() -> None:
        clock.beaten.clear()
        assert clock.beaten.wait(PATIENCE_SECONDS), "no heartbeat while outputs are judged"

    execute(run, Ended(pictures_of(run), wait), clock, score=scored.append)
    run.refresh_from_db()
    assert (run.state, run.log, scored) == (Run.State.SUCCEEDED, "ended\n", [run.submission])


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_run_whose_heartbeat_fails_is_no_fault_of_its_decoder() -> None:
    def clock() -> datetime:
        if current_thread() is not main_thread():
            raise RuntimeError("The heartbeat fails.")
        return NOW

    run = begun()
    execute(run, Ended({}, is_stopped=True), clock, score=lambda _: pytest.fail("scored"))
    run.refresh_from_db()
    run.submission.refresh_from_db()
    assert (run.state, run.submission.state) == (Run.State.RUNNING, Submission.State.QUEUED)


@pytest.mark.django_db(transaction=True)
def test_the_record_holds_one_output_a_picture_however_many_there_are() -> None:
    run = begun()
    png = pictures_of(run)["a.png"]
    made = {f"{n:04d}/a.png": png + bytes(n > 0) for n in range(2000)}
    made |= {f"{n}.png": png for n in range(2000)}
    execute(run, Ended(made), Clock(), score=lambda _: pytest.fail("scored"))
    run.refresh_from_db()
    run.submission.refresh_from_db()
    assert run.outputs == {"0000/a.png": sha256(png).hexdigest()}
    assert run.submission.problems == [
        "a.png: found '0000/a.png' and '0001/a.png', which differ; write one."
    ]
