"""The tasks that workers run for submissions and files; studies and metrics have their own."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import QuerySet
from django.utils import timezone
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, Status
from procrastinate.types import JSONDict
from procrastinate.worker import Worker

from ratings.challenge.access.limits import sweep_spent
from ratings.challenge.pictures.staged_files import delete_expired
from ratings.comparisons.locking import lock_studies, locking
from ratings.comparisons.models import Study
from ratings.comparisons.participation import of_phase, phases_of
from ratings.comparisons.study import cropping, entries
from ratings.comparisons.study.crop_mending import make_lacking
from ratings.fidelity import scoring
from ratings.fidelity.psnr_board import board_submissions
from ratings.http.log_lines import origin
from ratings.jobs.decoding_queues import DECODING, queue_of
from ratings.jobs.upkeep import free_expired
from ratings.ranking.bundles import stored_bundles
from ratings.ranking.release import public_releases
from ratings.sandbox.machine_sandboxes import MachineSandboxes
from ratings.sandbox.sandbox_errors import SandboxUnavailable
from ratings.sandbox.worlds import USUAL
from ratings.storage import scratch
from ratings.storage.deletion import delete_due, note_leftovers
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.intake import baseline_orders
from ratings.submissions.intake.closing import mark_failed
from ratings.submissions.models import DecodedImage, Run, Submission
from ratings.submissions.runs import elsewhere, execution, lifecycle, site_sources

ATTEMPTS = 5
BASELINES = "baselines"
# A decoder may run for hours, and a codec be tried for as long on many pictures.
LONG_QUEUES = [DECODING, BASELINES]
AFTER_OTHERS = -1  # the priority of a job that no other of its queue is to wait for
logger = logging.getLogger(__name__)


def renew_connection(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:  # noqa: ANN401
    """Do for a task what Django does for a request: drop connections that are old or broken.

    The lines that it logs say which job it is.
    """
    close_old_connections()
    try:
        with origin(job=context.job.id, task=context.job.task_name):
            return call_next()
    finally:
        close_old_connections()


def queue_scoring(submission_id: UUID) -> None:
    """Queue what leads to a submission's scores, in the caller's transaction."""
    queue_next(submission_id, lifecycle.queue_first_run(submission_id, timezone.now()))


def queue_next(submission_id: UUID, run: Run | None) -> None:
    """Queue a run that is on record, or None: the scoring of pictures that are here already."""
    if run is None:
        queue_pictures(submission_id)
    else:
        # No two workers run one submission's decoder at the same time.
        priority = 0 if run.world == USUAL.slug else AFTER_OTHERS
        decode_submission.configure(
            lock=f"decode {submission_id}",
            queue=queue_of(run.source, gpu=run.gpu),
            priority=priority,
        ).defer(run_id=run.pk)


def queue_pictures(submission_id: UUID) -> None:
    """Queue the scoring of a submission's pictures, in the caller's transaction."""
    images = DecodedImage.objects.filter(submission_id=submission_id).order_by("original__name")
    jobs: list[JSONDict] = [{"decoded_image_id": image.pk} for image in images]
    score_picture.batch_defer(*jobs)


@cache
def _sandboxes() -> MachineSandboxes:
    """Return this worker's sandboxes, each tested once."""
    return site_sources.machine_sandboxes()


class UntilItRuns(BaseRetryStrategy):
    """Tries a decoder again: a run counts its own attempts, and waits for a sandbox for ever."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """Wait a minute for a sandbox, a few seconds for another worker or after another fault."""
        unavailable = isinstance(exception, SandboxUnavailable)
        return RetryDecision(retry_in={"seconds": 60 if unavailable else 5})


@app.task(queue=DECODING, retry=UntilItRuns(), task_middleware=[renew_connection])
def decode_submission(run_id: int) -> None:
    """Run a submission's decoder in the sandbox; queue its pictures for scoring.

    The job ends with the run, whoever ends it: as long as there is a run there is a job to begin
    it again.
    """
    execution.carry_out(run_id, _sandboxes(), timezone.now, score=lambda s: queue_pictures(s.pk))


@app.task(
    queue="scoring",
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2),
    pass_context=True,
    task_middleware=[renew_connection],
)
def score_picture(context: JobContext, decoded_image_id: int) -> None:
    """Decode one image; score and crop the very same samples; finish when it was the last one."""
    image = DecodedImage.objects.select_related("original", "submission__phase").get(
        pk=decoded_image_id
    )
    if image.submission.state != Submission.State.QUEUED:
        return  # superseded, or failed at another picture
    try:
        if context.job.attempts >= ATTEMPTS:
            raise RuntimeError("the worker was killed each time")
        _score_and_crop(image)
        _finish(image.submission)
    except Exception:
        if context.job.attempts + 1 < ATTEMPTS:
            raise
        # The job ends here: one attempt more would fail a submission that was run again meanwhile.
        logger.exception("Decoded image %s can't be scored.", decoded_image_id)
        problem = f"{image.original.name}: the server could not score it."
        mark_failed(image.submission, [problem], timezone.now(), by_server=True)


def _score_and_crop(image: DecodedImage) -> None:
    rgb = load_decoded(image.sha256)
    # The score comes last: by it another worker knows that nothing of this picture is lacking, and
    # pairs the submission with what is cropped.
    cropping.crop_for_studies(image, rgb)
    scoring.score(image, rgb)


def queue_preparing(studies: Sequence[Study]) -> None:
    """Queue a job for each study whose file was loaded, in the caller's transaction."""
    for study in studies:
        prepare_study.defer(study_id=study.pk)


@app.task(
    queue="scoring",
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2),
    task_middleware=[renew_connection],
)
def prepare_study(study_id: int) -> None:
    """Make what a study's file asks for of submissions that were scored before it was loaded.

    Crops whose files are gone are made again.
    """
    study = Study.objects.select_related("phase", "series").get(pk=study_id)
    make_lacking(study, [one for phase in phases_of(study) for one in board_submissions(phase)])
    entries.settle(study, board_submissions)


@app.task(
    queue="measuring",
    # After whatever is being scored: no PSNR waits for this.
    priority=-1,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2),
    task_middleware=[renew_connection],
)
def measure_picture(decoded_image_id: int) -> None:
    """Decode one image again and measure its MS-SSIM, which takes longer than its squared error."""
    image = DecodedImage.objects.select_related("original").get(pk=decoded_image_id)
    scoring.measure_similarity(image, load_decoded(image.sha256))


def queue_measuring(images: QuerySet[DecodedImage]) -> None:
    """Queue the images that have no MS-SSIM yet and are large enough; those in the queue stay."""
    for pk in images.filter(scoring.unmeasured()).values_list("pk", flat=True):
        job = measure_picture.configure(queueing_lock=f"measure {pk}")
        with suppress(AlreadyEnqueued), transaction.atomic():
            job.defer(decoded_image_id=pk)


@app.periodic(cron="30 * * * *")
@app.task(queue="upkeep", queueing_lock="measure missing", task_middleware=[renew_connection])
def measure_missing(timestamp: int) -> None:
    """Queue what an earlier version or a killed worker left unmeasured."""
    queue_measuring(DecodedImage.objects.filter(submission__state=Submission.State.SCORED))


def _finish(submission: Submission) -> None:
    """Once every image is scored, let the studies take the submission in; then it is measured."""
    with locking():
        if scoring.finish(submission.pk, timezone.now()):
            for study in lock_studies(of_phase(submission.phase)):
                entries.settle(study, board_submissions)
            queue_measuring(submission.decoded_images.order_by("original__name"))
            if run := elsewhere.queue_elsewhere(submission.pk, timezone.now()):
                queue_next(submission.pk, run)


@app.periodic(cron="* * * * * */5")
@app.task(queue="upkeep", queueing_lock="upkeep", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again the jobs of workers that were killed: nobody else would, and they hold locks.

    A periodic job is dropped instead, because the next one of its kind does the same work. This
    one has no lock, which would outlive its own worker; two at once do no harm.
    """
    manager = context.app.job_manager
    dead = settings.WORKER_DEAD_SECONDS
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=dead):
        if job.queueing_lock:
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)
        else:
            await manager.retry_job(job)


@app.periodic(cron="0 * * * *")
@app.task(queue="upkeep", queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Delete what was half received or half written when a process was killed, and old counts."""
    scratch.sweep(timestamp)
    sweep_spent(timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(queue="upkeep", queueing_lock="free", lock="free", task_middleware=[renew_connection])
def free_files(timestamp: int) -> None:
    """Free what has had its time; note which files no row names, so that they go."""
    free_expired(timezone.now())
    delete_expired(timezone.now())
    stored_bundles.drop_expired(timezone.now())
    note_leftovers(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="delete", lock="delete", task_middleware=[renew_connection])
def delete_files(timestamp: int) -> None:
    """Delete the files that have had their time."""
    delete_due(timezone.now())


@app.periodic(cron="35 * * * *")
@app.task(queue="upkeep", queueing_lock="mend", task_middleware=[renew_connection])
def mend_crops(timestamp: int) -> None:
    """Queue the studies whose crops' files are gone, as after a loss of power."""
    for study in Study.objects.all():
        if cropping.lost(study):
            job = prepare_study.configure(queueing_lock=f"prepare {study.pk}")
            with suppress(AlreadyEnqueued), transaction.atomic():
                job.defer(study_id=study.pk)


@app.task(queue="bundles", priority=-1, task_middleware=[renew_connection])
def make_bundle(bundle_id: int) -> None:
    """Make the replication bundle that an organizer asked for."""
    stored_bundles.make(bundle_id, timezone.now)


@app.task(queue="bundles", priority=-1, task_middleware=[renew_connection])
def make_public_release(release_id: int) -> None:
    """Make, scan and publish the public release that an organizer asked for."""
    public_releases.make_release(release_id, timezone.now)


@app.task(
    queue=BASELINES,
    # One at a time on the whole site, since each takes all cores; and after decoders.
    lock=BASELINES,
    priority=-1,
    pass_context=True,
    task_middleware=[renew_connection],
)
def make_baseline(context: JobContext, order_id: int) -> None:
    """Make a baseline that an organizer asked for."""
    if context.job.attempts >= ATTEMPTS:
        baseline_orders.end(order_id, baseline_orders.KILLED, timezone.now())
    else:
        baseline_orders.carry_out(order_id, timezone.now, lambda one: queue_scoring(one.pk))
