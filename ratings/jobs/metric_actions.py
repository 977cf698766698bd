"""What is done about metrics, with the scoring that follows from it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ratings.challenge.models import Phase, Team
from ratings.jobs.metric_tasks import queue_metrics
from ratings.metrics.metric_entries import Sent, delete_metric, put_metric
from ratings.metrics.metric_tracks import set_track
from ratings.metrics.models import MetricTrack


def send_metric(
    track: MetricTrack,
    name: str,
    chunks: Iterable[bytes],
    at: datetime,
    *,
    team: Team | None,
    by: str,
    higher_is_better: bool = True,
) -> Sent:
    """Take a metric in and have the board scored. Raises Refused as `put_metric` does."""
    sent = put_metric(track, name, chunks, at, team=team, by=by, higher_is_better=higher_is_better)
    queue_metrics(track)
    return sent


def remove_metric(
    track: MetricTrack, name: str, by: str, at: datetime, *, team: Team | None
) -> int:
    """Delete a metric and have the board scored; return how many entries were deleted."""
    deleted = delete_metric(track, name, by, at, team=team)
    queue_metrics(track)
    return deleted


def change_track(
    phase: Phase,
    study: str,
    attempts: int,
    by: str,
    at: datetime,
    *,
    is_open: bool,
    is_released: bool,
) -> MetricTrack:
    """Set up or change a track and have its board scored. Raises Refused as `set_track` does."""
    with transaction.atomic():
        track = set_track(phase, study, attempts, by, at, is_open=is_open, is_released=is_released)
        queue_metrics(track)
    return track
