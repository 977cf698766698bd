"""A phase's track of metrics: set by organizers, open to teams, released with its board."""

from datetime import datetime

from django.db import transaction

from ratings.challenge.access.audit_log import record
from ratings.challenge.access.visibility import boards_live
from ratings.challenge.models import AuditEntry, Phase
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.study.presentation import identities_open
from ratings.metrics.models import MetricTrack
from ratings.ranking.boards.human_board import board_studies
from ratings.ranking.models import PublicRelease

MOST_ATTEMPTS = 1000


def track_of(phase: Phase) -> MetricTrack | None:
    """Return the phase's track of metrics, None where organizers have set none."""
    tracks = MetricTrack.objects.select_related("study__phase__challenge")
    return tracks.filter(phase=phase).first()


def set_track(
    phase: Phase,
    study: str,
    attempts: int,
    by: str,
    at: datetime,
    *,
    is_open: bool,
    is_released: bool,
) -> MetricTrack:
    """Set up the phase's track, or change it; `study` is the slug of one of the phase.

    That its board is released, or taken back, is put on record. Raises Refused, code
    "metric-track", or "in-use" for another study once metrics are entered.
    """
    chosen = board_studies(phase).filter(slug=study).first()
    if chosen is None:
        known = ", ".join(board_studies(phase).values_list("slug", flat=True)) or "none yet"
        raise Refused("metric-track", f"{phase.name} has no study {study!r}; it has {known}.")
    if not 1 <= attempts <= MOST_ATTEMPTS:
        raise Refused("metric-track", f"attempts must be 1 to {MOST_ATTEMPTS}, not {attempts}.")
    if is_open and (why := _told_by_release(chosen)):
        raise Refused("metric-track", why)
    with transaction.atomic():
        track, _ = MetricTrack.objects.select_for_update().get_or_create(
            phase=phase, defaults={"study": chosen}
        )
        if track.study != chosen and track.entries.exists():
            raise Refused("in-use", f"Metrics are entered for {track.study.slug}; keep that study.")
        if track.study != chosen:
            track.results, track.scored_at = {}, None
        if track.is_released != is_released:
            kind = AuditEntry.Kind.METRICS if is_released else AuditEntry.Kind.NO_METRICS
            record(phase.challenge, kind, by, at, subject=phase.name)
        track.study, track.attempts = chosen, attempts
        track.is_open, track.is_released = is_open, is_released
        track.save()
    return track


def closed_because(track: MetricTrack | None, phase: Phase, now: datetime) -> str:
    """Say why teams can't send metrics now, and what would change it; "" where they can.

    They can once everybody may see which method made which picture: a metric needs the pictures.
    """
    if track is None or not track.is_open:
        return f"{phase.name} takes no metrics from teams; organizers open it to them."
    if why := _told_by_release(track.study):
        return why
    if not identities_open(phase, now):
        return (
            f"{phase.name} takes metrics once its originals and boards are released and its "
            "studies are closed: a metric needs the pictures."
        )
    return ""


def against_release(study: Study) -> list[str]:
    """Return what metrics have against a public release of a study, with the mend."""
    if not study.metric_tracks.filter(is_open=True).exists():
        return []
    return [
        "Metrics are tested against these judgments, which no team may have seen: close the track "
        "of metrics to teams first."
    ]


def _told_by_release(study: Study) -> str:
    """Say why teams' metrics can't be tested against a study; "" where nobody has its judgments."""
    told = {*PublicRelease.UNDER_WAY, PublicRelease.State.PUBLISHED, PublicRelease.State.WITHDRAWN}
    if not study.public_releases.filter(state__in=told).exists():
        return ""
    return (
        f"The judgments of {study.name} are released to everybody, so no metric can be tested on "
        "them: take a study without a release, or keep the track closed to teams."
    )


def board_released(phase: Phase, now: datetime) -> bool:
    """Tell whether everybody may see the board of metrics."""
    track = track_of(phase)
    return track is not None and track.is_released and boards_live(phase, now)
