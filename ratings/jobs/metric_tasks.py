"""The tasks that score metrics as entrants, and measure with the packages in the box."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ratings.jobs.tasks import renew_connection
from ratings.metrics.metric_scoring import is_behind, score_track
from ratings.metrics.models import MetricTrack
from ratings.metrics.packaged_measuring import measure_packaged, to_measure
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.models import DecodedImage


def queue_metrics(track: MetricTrack) -> None:
    """Queue the scoring of a track's metrics, and what it lacks, in the caller's transaction."""
    for pk in to_measure(track):
        job = measure_metrics.configure(queueing_lock=f"metrics of {pk}")
        with suppress(AlreadyEnqueued), transaction.atomic():
            job.defer(decoded_image_id=pk, track_id=track.pk)
    _queue_metric_board(track.pk)


def _queue_metric_board(track_id: int) -> None:
    job = score_metrics.configure(queueing_lock=f"metrics {track_id}", lock=f"metrics {track_id}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(track_id=track_id)


@app.task(queue="measuring", priority=-2, task_middleware=[renew_connection])
def measure_metrics(decoded_image_id: int, track_id: int) -> None:
    """Measure one picture with the installed packages' metrics; score the track after the last."""
    image = DecodedImage.objects.select_related("original").filter(pk=decoded_image_id).first()
    if image:
        measure_packaged(image, load_decoded(image.sha256))
    track = MetricTrack.objects.select_related("study").filter(pk=track_id).first()
    if track and not to_measure(track):
        _queue_metric_board(track_id)


@app.task(queue="measuring", priority=-1, task_middleware=[renew_connection])
def score_metrics(track_id: int) -> None:
    """Score all metrics of a track against the judgments that are held back."""
    for track in MetricTrack.objects.select_related("study__phase").filter(pk=track_id):
        score_track(track, timezone.now())


@app.periodic(cron="15 * * * *")
@app.task(queue="upkeep", queueing_lock="metrics behind", task_middleware=[renew_connection])
def score_metrics_behind(timestamp: int) -> None:
    """Queue the tracks whose studies have other judgments than their boards are of."""
    for track in filter(is_behind, MetricTrack.objects.select_related("study")):
        _queue_metric_board(track.pk)
