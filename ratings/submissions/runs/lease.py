"""A run's lease: one worker at a time carries a run out, as long as its heartbeat goes on.

A worker claims the lease, which is an attempt at the run. The lease ends with the run, or when the
worker releases it, or when the heartbeat stops; then another worker may claim it. What a worker
elsewhere has delivered whole needs no heartbeat any more: it waits to be judged here.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from ratings.sandbox.worlds import USUAL
from ratings.submissions.models import Run, Submission, Worker
from ratings.submissions.runs.delivered_files import forget
from ratings.submissions.runs.elsewhere import is_left_to_another
from ratings.submissions.runs.lifecycle import end_run, fail_run, log_text
from ratings.submissions.submission_locks import is_lockable, lock

# Without a heartbeat for so long the worker is dead, or can't reach the database.
LEASE_SECONDS = settings.WORKER_DEAD_SECONDS
MOST_ATTEMPTS = 5
MOST_LOOKED_AT = 100  # of the runs that wait, by a worker that looks for one
# Of whatever else has no lease: its submission was superseded, or has failed.
LEASABLE = Q(compares=True) | Q(submission__state=Submission.State.QUEUED)
POSTPONED = "The server can't run the decoder at the moment; it tries again by itself."
GIVEN_UP = "The server could not run the decoder: it is at fault, and nothing is counted."
WORKERS_DIED = "Each time the worker that ran the decoder died."
GAVE_WAY = "It lets runs pass that make pictures, and is tried again."
PASSED = "It was given up: each time there were runs to let pass that make pictures."
NOT_LEASABLE = "It did not run: its submission no longer waits."


class LeaseHeld(Exception):
    """Another worker holds the run's lease; ask again when that may have ended."""


def lease_held(at: datetime) -> Q:
    """Return the condition for runs that a worker carries out at this instant."""
    last = at - timedelta(seconds=LEASE_SECONDS)
    is_held = Q(heartbeat_at__gt=last) | Q(delivered_at__isnull=False)
    return Q(is_held, state=Run.State.RUNNING)


def lease_of(run: Run) -> QuerySet[Run]:
    """Return the run's row as long as this attempt at it holds the lease, else nothing."""
    return Run.objects.filter(LEASABLE, pk=run.pk, state=Run.State.RUNNING, attempt=run.attempt)


def can_run(worker: Worker) -> Q:
    """Return the condition for runs that a worker has the environment for."""
    return Q(source__in=worker.sources) & (Q() if worker.gpu else Q(gpu=False))


def first_runs_wait(at: datetime, worker: Worker | None) -> bool:
    """Tell whether a run that makes pictures waits for this worker: one elsewhere lets it pass.

    One that waits for an environment that the worker doesn't have is not delayed by it.
    """
    first = Run.objects.filter(state__in=Run.CURRENT, world=USUAL.slug)
    for_worker = can_run(worker) if worker else Q()
    return first.filter(LEASABLE, for_worker).exclude(lease_held(at)).exists()


def claim_next(worker: Worker, at: datetime) -> Run | None:
    """Claim the lease of the run that has waited longest; None where no run waits.

    Those elsewhere come last. Runs that the worker has no environment for, or that somebody else
    looks at just now, are passed over.
    """
    waiting = Run.objects.filter(LEASABLE, ~lease_held(at), can_run(worker), state__in=Run.CURRENT)
    ordered = waiting.annotate(is_first=Q(world=USUAL.slug)).order_by(
        "-is_first", "queued_at", "pk"
    )
    for run_id, submission_id in ordered.values_list("pk", "submission_id")[:MOST_LOOKED_AT]:
        with suppress(LeaseHeld), transaction.atomic():
            if is_lockable(submission_id) and (run := claim(run_id, at, worker)):
                return run
    return None


def claim(run_id: int, at: datetime, worker: Worker | None = None) -> Run | None:
    """Claim a run's lease: return the run, which is running; None where it has ended.

    It ends here where its submission no longer waits, or after its last attempt. Raises LeaseHeld,
    also where a run elsewhere is to let others pass.
    """
    with transaction.atomic():
        submission = lock(Submission.objects.only("pk").get(runs=run_id).pk)
        run = submission.runs.select_for_update(of=("self",)).get(pk=run_id)
        if run.state not in Run.CURRENT:
            return None
        if not run.compares and submission.state != Submission.State.QUEUED:
            end_run(run, Run.State.STOPPED, NOT_LEASABLE, at)
            return None
        if submission.runs.filter(lease_held(at), pk=run_id).exists():
            raise LeaseHeld
        if run.world != USUAL.slug and (
            first_runs_wait(at, worker) or is_left_to_another(run, worker, at)
        ):
            raise LeaseHeld
        if run.attempt >= MOST_ATTEMPTS and run.verdict == GAVE_WAY:
            end_run(run, Run.State.STOPPED, PASSED, at)
            return None
        if run.attempt >= MOST_ATTEMPTS:
            run.fault = run.fault or WORKERS_DIED
            fail_run(run, GIVEN_UP, at, by_server=True)
            return None
        run.state, run.attempt, run.started_at = Run.State.RUNNING, run.attempt + 1, at
        run.heartbeat_at, run.log, run.verdict, run.fault = at, "", "", ""
        run.worker, run.delivered_at = worker, None
        run.save()
        forget(run.deliveries.all(), at)  # of an attempt that died
    return run


def renew(run: Run, at: datetime, log: bytes | None = None) -> bool:
    """Put on record that the run goes on, with its log where that is new.

    Tell whether the lease is still held. Where it ends just now the log is left as it was. That of
    a run elsewhere ends where another run waits for a worker.
    """
    if run.world != USUAL.slug and first_runs_wait(at, run.worker):
        lease_of(run).update(state=Run.State.WAITING, verdict=GAVE_WAY)
        return False
    facts: dict[str, Any] = {"heartbeat_at": at}
    if log is not None:
        facts["log"] = log_text(log)
    with transaction.atomic():
        held = lease_of(run).select_for_update(of=("self",)).only("pk")
        return bool(held and Run.objects.filter(pk=run.pk).update(**facts))


def require_ended(run_id: int) -> None:
    """Raise LeaseHeld where the run has not ended: another worker has claimed it."""
    if Run.objects.filter(LEASABLE, pk=run_id, state__in=Run.CURRENT).exists():
        raise LeaseHeld


def release(run_id: int, attempt: int | None, fault: str, at: datetime) -> bool:
    """Release the lease of an attempt that failed; tell whether the run is to be tried again.

    None stands for no attempt: the worker could not even claim the lease. A lease that another
    worker holds by now stays. A run that can't be leased any more is stopped.
    """
    current = Run.objects.filter(pk=run_id, state__in=Run.CURRENT)
    own = Q(attempt=attempt) if attempt is not None else ~lease_held(at)
    waits = {"state": Run.State.WAITING, "verdict": POSTPONED, "fault": log_text(fault.encode())}
    current.filter(LEASABLE, own).update(**waits)
    stopped = {"state": Run.State.STOPPED, "verdict": NOT_LEASABLE, "finished_at": at}
    current.exclude(LEASABLE).update(**stopped)
    return current.exists()
