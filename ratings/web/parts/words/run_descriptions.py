"""The runs of a submission's decoder in words, for its team and for organizers alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import Prefetch, QuerySet

from ratings.sandbox.run_limits import Limit, Limits, size_words
from ratings.sandbox.worlds import USUAL, WORLDS
from ratings.submissions.models import Run, Submission
from ratings.submissions.runs.lease import MOST_ATTEMPTS
from ratings.web.parts.words.formatting import NOTHING, Moment, decimal, grouped, moment, span

LOG_SHOWN = 20_000  # characters, the last ones
ELSEWHERE = {Run.State.FAILED: "broken elsewhere", Run.State.STOPPED: "untold elsewhere"}
TAGS = {Run.State.SUCCEEDED: "live", Run.State.FAILED: "bad", Run.State.STOPPED: "warn"}


@dataclass(frozen=True)
class RunLine:
    """One run as a page shows it; `facts` and `times` are named values in their order."""

    run: Run
    number: int
    is_elsewhere: bool
    tag: str
    doing: str
    times: list[tuple[str, Moment]]
    facts: list[tuple[str, str]]
    outputs: list[tuple[str, str]]
    environment: list[tuple[str, str]]
    log: str
    log_left_out: str


@dataclass(frozen=True)
class RunGlance:
    """The newest run of a submission in a list: its state, why it waits, what is told elsewhere.

    `elsewhere` is "" where its pictures come again there, or nobody has looked yet.
    """

    state: str
    tag: str
    waits_because: str
    cpu: str
    memory: str
    elsewhere: str


@dataclass(frozen=True)
class SubmissionRunLine:
    """A submission in a list, with the newest run of its decoder."""

    submission: Submission
    run: RunGlance | None


def with_runs(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Let submissions come with what a list needs of their runs: logs may be large."""
    runs = Run.objects.defer("log", "outputs", "environment")
    return rows.prefetch_related(Prefetch("runs", runs))


def listed(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Return submissions as a list has them: the newest first, with all that its lines need."""
    submissions = with_runs(rows.select_related("team", "phase__challenge"))
    return submissions.order_by("-created_at", "-pk")


def submission_lines(submissions: Iterable[Submission]) -> list[SubmissionRunLine]:
    """Return listed submissions, each with its newest run."""
    return [SubmissionRunLine(each, glance(each.runs.all())) for each in submissions]


def run_lines(submission: Submission, zone: tzinfo, now: datetime) -> list[RunLine]:
    """Return the submission's runs as text, the newest first."""
    runs = list(submission.runs.all())
    return [_run_line(run, len(runs) - i, zone, now) for i, run in enumerate(runs)]


def glance(runs: Iterable[Run]) -> RunGlance | None:
    """Return the first of the runs as a list shows it, told by the one elsewhere; None without."""
    run = next((run for run in runs if run.world == USUAL.slug), None)
    elsewhere = next((Run.State(run.state) for run in runs if run.world != USUAL.slug), None)
    if run is None:
        return None
    return RunGlance(
        state=f"compares, {run.state}" if run.compares else run.state,
        tag=TAGS.get(Run.State(run.state), ""),
        waits_because=run.verdict if run.state == Run.State.WAITING else "",
        cpu=decimal(run.cpu_seconds, 1),
        memory=_memory(run.peak_memory_bytes),
        elsewhere=ELSEWHERE.get(elsewhere, "") if elsewhere else "",
    )


def doing(run: Run, now: datetime) -> str:
    """Say where a run stands, and for how long."""
    if run.state == Run.State.WAITING:
        return f"waiting for a worker for {span(now - run.queued_at)}"
    if run.state == Run.State.RUNNING and run.started_at:
        return f"running for {span(now - run.started_at)}"
    return run.get_state_display()


def _run_line(run: Run, number: int, zone: tzinfo, now: datetime) -> RunLine:
    instants = {"Queued": run.queued_at, "Begun": run.started_at, "Ended": run.finished_at}
    left_out = max(0, len(run.log) - LOG_SHOWN)
    return RunLine(
        run=run,
        number=number,
        is_elsewhere=run.world != USUAL.slug,
        tag=TAGS.get(Run.State(run.state), ""),
        doing=doing(run, now),
        times=[(name, moment(at, zone)) for name, at in instants.items() if at],
        facts=list(_facts(run).items()),
        outputs=sorted(run.outputs.items()),
        environment=sorted(run.environment.items()),
        log=run.log[left_out:],
        log_left_out=grouped(left_out) if left_out else "",
    )


def _facts(run: Run) -> dict[str, str]:
    limits = Limits.from_record(run.limits)
    met = limits.words(Limit(run.limit_met)) if run.limit_met else "none"
    facts = {
        "Attempt": f"{run.attempt} of {MOST_ATTEMPTS}" if run.attempt else "not begun",
        "Environment": _environment(run),
        "CPU time": f"{decimal(run.cpu_seconds, 1)} of {limits.cpu_seconds:,g} s",
        "Wall time": f"{decimal(run.wall_seconds, 1)} of {limits.wall_seconds:,g} s",
        "Peak memory": f"{_memory(run.peak_memory_bytes)} of {size_words(limits.memory_bytes)}",
    }
    if run.wall_seconds is None:  # it was never measured
        return facts
    ended = run.signal or f"exit code {run.exit_code}"
    facts |= {"Limit met": met, "Ended with": ended, "Processor": run.processor}
    if run.world != USUAL.slug:
        facts["Tried"] = WORLDS[run.world].words if run.world in WORLDS else run.world
    return facts | ({"Pictures made again": _reproduced(run)} if run.compares else {})


def _environment(run: Run) -> str:
    words = [run.submission.environment]
    words += [run.source] if run.source not in words else []
    return ", ".join([*words, "with a GPU"] if run.gpu else words)


def _reproduced(run: Run) -> str:
    if run.reproduced is None:
        return "not compared" if run.state not in Run.CURRENT else NOTHING
    return "the same, bit for bit" if run.reproduced else "not the same"


def _memory(size: int | None) -> str:
    return NOTHING if size is None else size_words(size)
