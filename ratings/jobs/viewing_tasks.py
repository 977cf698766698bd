"""Keeping whole pictures ready for the viewer: made when they may be seen, dropped when not."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ratings.challenge.models import Original, Phase
from ratings.jobs.tasks import ATTEMPTS, renew_connection
from ratings.viewing.prepared_share import keep_within, most_bytes
from ratings.viewing.tile_making import prepare_picture


@app.periodic(cron="* * * * *")
@app.task(
    queue="upkeep", queueing_lock="viewing", lock="viewing", task_middleware=[renew_connection]
)
def keep_pictures(timestamp: int) -> None:
    """Drop prepared pictures that are not to be seen any more; queue those that are lacking."""
    for phase, original in keep_within(most_bytes(), timezone.now()):
        job = prepare_tiles.configure(queueing_lock=f"tiles {phase.pk} {original.pk}")
        with suppress(AlreadyEnqueued), transaction.atomic():
            job.defer(phase_id=phase.pk, original_id=original.pk)


@app.task(
    queue="measuring",
    # After what boards need, and before a metric track's many pictures: people wait for these.
    priority=-1,
    retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2),
    task_middleware=[renew_connection],
)
def prepare_tiles(phase_id: int, original_id: int) -> None:
    """Prepare one picture of a phase, as every method on its boards has decoded it."""
    phase = Phase.objects.select_related("challenge").filter(pk=phase_id).first()
    original = Original.objects.filter(pk=original_id).first()
    if phase and original:
        prepare_picture(phase, original, timezone.now)
