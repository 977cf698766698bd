"""The task that judges what workers elsewhere have made of runs."""

import logging

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.jobs.tasks import ATTEMPTS, decode_submission, queue_pictures, renew_connection
from ratings.submissions.models import Run
from ratings.submissions.runs import deliveries
from ratings.submissions.runs.lease import release

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
    else:
        _drop_decoding(run_id)


def _drop_decoding(run_id: int) -> None:
    """Delete the job that would have run the decoder here, where no worker has just taken it.

    One that finds its run ended would end too, but a site may have no worker for decoders.
    """
    if Run.objects.filter(pk=run_id, state__in=Run.CURRENT).exists():
        return
    waiting = ProcrastinateJob.objects.filter(
        task_name=decode_submission.name, args__run_id=run_id, status="todo"
    )
    for job_id in waiting.values_list("pk", flat=True):
        app.job_manager.cancel_job_by_id(job_id, delete_job=True)
