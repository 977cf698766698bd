"""The tasks that workers run: decoders, scores and crops of pictures, pairs, rankings."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
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

from ratings.challenge import files
from ratings.comparisons import cropping, entries, queue
from ratings.comparisons.models import Study
from ratings.comparisons.participation import has_method
from ratings.comparisons.screening import screen
from ratings.fidelity import scoring
from ratings.fidelity.board import board_submissions
from ratings.fidelity.models import Distortion
from ratings.imaging.pixels import Rgb, decode_checked, read_header
from ratings.ranking.fitting import refit
from ratings.ranking.stopping import stop_if_met
from ratings.ranking.variants import refit_variants
from ratings.sandbox.refusals import SandboxUnavailable
from ratings.sandbox.running import Sandbox
from ratings.sandbox.self_test import open_sandbox
from ratings.submissions import decoding, running
from ratings.submissions.closing import mark_failed, mark_scored, progress
from ratings.submissions.models import DecodedImage, Run, Submission

ATTEMPTS = 5
DECODING = "decoding"
logger = logging.getLogger(__name__)


def renew_connection(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:  # noqa: ANN401
    """Do for a task what Django does for a request: drop connections that are old or broken."""
    close_old_connections()
    try:
        return call_next()
    finally:
        close_old_connections()


def queue_scoring(submission_id: UUID) -> None:
    """Queue what leads to a submission's scores, in the caller's transaction.

    That is its decoder's run, where its images are to be decoded here, else a job for each image.
    """
    submission = Submission.objects.select_related("phase", "team").get(pk=submission_id)
    if progress(submission).decodes:
        queue_decoding(running.queue_run(submission, timezone.now()))
    else:
        _queue_pictures(submission_id)


def _queue_pictures(submission_id: UUID) -> None:
    images = DecodedImage.objects.filter(submission_id=submission_id).order_by("original__name")
    jobs: list[JSONDict] = [{"decoded_image_id": image.pk} for image in images]
    score_picture.batch_defer(*jobs)


def queue_decoding(run: Run) -> None:
    """Queue a run that is on record, in the caller's transaction."""
    # No two workers run one submission's decoder at the same time.
    decode_submission.configure(lock=f"decode {run.submission_id}").defer(run_id=run.pk)


def run_again(submission_id: UUID, at: datetime, *, note: str, by: str) -> None:
    """Queue another run, or the scoring of pictures that are here already.

    Raises Refused as `running.run_again` does.
    """
    with transaction.atomic():
        if run := running.run_again(submission_id, at, note=note, by=by):
            queue_decoding(run)
        else:
            _queue_pictures(submission_id)


@cache
def _sandbox() -> Sandbox:
    """Return this worker's sandbox, tested once. Raises SandboxUnavailable."""
    return open_sandbox(settings.SANDBOX_DIR, image=settings.SANDBOX_IMAGE)


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
    attempt = None
    try:
        sandbox = _sandbox()
        if run := running.begin_run(run_id, timezone.now()):
            attempt = run.attempt
            decoding.decode(run, sandbox, timezone.now, score=lambda s: _queue_pictures(s.pk))
        running.require_over(run_id)
    except running.StillRunning:
        raise
    except Exception as error:
        logger.warning("Run %s can't be carried out: %s", run_id, error, exc_info=_unusual(error))
        if running.postpone_run(run_id, attempt, str(error), timezone.now()):
            raise


def _unusual(error: Exception) -> bool:
    """Tell whether the error's own words may not be enough."""
    return not isinstance(error, SandboxUnavailable)


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
    data = files.load(image.sha256)
    rgb = decode_checked(data, read_header(data))  # checked when it came in
    scoring.score(image, rgb)
    for study in Study.objects.filter(phase=image.submission.phase):
        _crop(study, image, rgb)


def _crop(study: Study, image: DecodedImage, rgb: Rgb) -> None:
    if has_method(study, image.submission):
        entry = entries.enter(study, image.submission)
        cropping.make_versions(study, entry, image.original, rgb)


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
    """Make what a study's file asks for of submissions that were scored before it was loaded."""
    study = Study.objects.select_related("phase").get(pk=study_id)
    on_board = board_submissions(study.phase)
    for image in cropping.uncropped(study, on_board):
        data = files.load(image.sha256)
        _crop(study, image, decode_checked(data, read_header(data)))
    cropping.make_checks(study)
    entries.set_active(study, on_board)


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
    data = files.load(image.sha256)
    scoring.measure_similarity(image, decode_checked(data, read_header(data)))


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
    """Mark the submission scored once every image is; let its studies take it in."""
    with transaction.atomic():
        locked = Submission.objects.select_for_update().get(pk=submission.pk)
        scored = Distortion.objects.filter(decoded_image__submission=locked).count()
        if locked.state != Submission.State.QUEUED or scored < locked.decoded_images.count():
            return
        mark_scored(locked, timezone.now())
        for study in Study.objects.filter(phase=locked.phase):
            entries.set_active(study, board_submissions(locked.phase))
        queue_measuring(locked.decoded_images.order_by("original__name"))


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
    """Delete what was half received or half written when a process was killed."""
    for folder in ("incoming", "crops/part", decoding.FOLDER):
        files.sweep(folder, timestamp)


@app.periodic(cron="* * * * * */3")
@app.task(queue="ranking", queueing_lock="refit", lock="refit", task_middleware=[renew_connection])
def refit_rankings(timestamp: int) -> None:
    """Refit every study with judgments its latest ranking has not seen; close it if it may stop."""
    for study in Study.objects.all():
        try:
            refit(study, timezone.now())
            stop_if_met(study, timezone.now())
            refit_variants(study, timezone.now())
        except Exception:  # one study's trouble must not stop the others' rankings
            logger.exception("The ranking of study %s could not be fitted.", study.slug)


@app.periodic(cron="* * * * * */30")
@app.task(
    queue="ranking", queueing_lock="screen", lock="screen", task_middleware=[renew_connection]
)
def screen_raters(timestamp: int) -> None:
    """Let each study's rule look at the raters who answered checks."""
    for study in Study.objects.all():
        try:
            screen(study, timezone.now())
        except Exception:  # one study's trouble must not stop the others' screening
            logger.exception("The raters of study %s could not be screened.", study.slug)


@app.periodic(cron="* * * * * */3")
@app.task(queue="pairing", queueing_lock="pair", lock="pair", task_middleware=[renew_connection])
def plan_pairs(timestamp: int) -> None:
    """Keep trials ready for the raters of every open study whose policy looks at judgments."""
    for study in Study.objects.filter(is_open=True):
        try:
            queue.top_up(study, timezone.now(), np.random.default_rng())
        except Exception:  # one study's trouble must not stop the others' pairing
            logger.exception("The pairs of study %s could not be planned.", study.slug)


# A decoder may run for hours; whoever works on these keeps the site going meanwhile.
QUEUES_WITHOUT_DECODERS = sorted({task.queue for task in app.tasks.values()} - {DECODING})
