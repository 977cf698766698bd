"""Judging what workers elsewhere have made of runs, and tidying up after them."""

import logging

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.jobs.tasks import ATTEMPTS, decode_submission, queue_pictures, renew_connection
from ratings.submissions.models import Run
from ratings.submissions.runs import delivered_files, deliveries, workers
from ratings.submissions.runs.lease import release
from ratings.submissions.runs.site_sources import tell_who_waits

_log = logging.getLogger(__name__)


def queue_judging(run: Run) -> None:
    """Queue the judging of a run that was delivered, in the caller's transaction."""
    judge_run.defer(run_id=run.pk, attempt=run.attempt)


@app.task(
    queue="scoring",
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2),
    pass_context=True,
    task_middleware=[renew_connection],
)
def judge_run(context: JobContext, run_id: int, attempt: int) -> None:
    """Look at the pictures that a worker elsewhere has sent; queue them for scoring.

    Where that can't be done, as when they are gone, the run is to be carried out again.
    """
    try:
        deliveries.judge_delivery(run_id, attempt, timezone.now, lambda s: queue_pictures(s.pk))
    except Exception as error:
        if context.job.attempts + 1 < ATTEMPTS:
            raise
        _log.exception("What was delivered of run %s can't be judged.", run_id)
        release(run_id, attempt, str(error), timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="tidy runs", task_middleware=[renew_connection])
def tidy_runs(timestamp: int) -> None:
    """Delete what is left of runs that ended without a worker of the site's: jobs and deliveries.

    A worker that took such a job would end it too, but a site may have none for decoders. Runs that
    wait for an environment that no worker has say so.
    """
    delivered_files.forget_ended(timezone.now())
    workers.forget_gone(timezone.now())
    tell_who_waits(timezone.now())
    waiting = ProcrastinateJob.objects.filter(task_name=decode_submission.name, status="todo")
    # First the jobs: a run is put on record with its job.
    jobs = dict(waiting.values_list("pk", "args__run_id"))
    runs = Run.objects.filter(pk__in=set(jobs.values()), state__in=Run.CURRENT)
    current = set(runs.values_list("pk", flat=True))
    for job_id, run_id in jobs.items():
        if run_id not in current:
            app.job_manager.cancel_job_by_id(job_id, delete_job=True)
