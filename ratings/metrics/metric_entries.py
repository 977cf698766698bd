"""Taking in what is sent for a metric, by a team within its number of attempts or an organizer."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Phase, Team
from ratings.challenge.names import normal_method, require_shown_name
from ratings.challenge.receiving import too_large
from ratings.challenge.refusals import Refused
from ratings.metrics.box_metrics import is_reserved, psnr_decisions
from ratings.metrics.judged_units import AskedUnits, asked_units
from ratings.metrics.metric_decisions import decisions_of
from ratings.metrics.metric_files import LARGEST_BYTES, read_metric
from ratings.metrics.metric_tracks import closed_because
from ratings.metrics.models import MetricEntry, MetricTrack

LONGEST_NAME = 100
# Decided otherwise than PSNR on so many of all pairs, values may be the wrong way round.
_SUSPECT = 0.7


@dataclass(frozen=True)
class Sent:
    """What was taken in, and what its sender should know of it."""

    entry: MetricEntry
    notes: list[str]


def attempts_left(track: MetricTrack, team: Team) -> int:
    """Return how often the team may still send metrics."""
    return max(0, track.attempts - track.entries.filter(team=team).count())


def newest_entries(track: MetricTrack) -> list[MetricEntry]:
    """Return the newest entry of each metric, in the order in which metrics came.

    Their contents, which may be large, are read when they are asked for.
    """
    entries = track.entries.select_related("team").defer("content")
    return list({(entry.team_id, entry.name): entry for entry in entries}.values())


def require_may_send(track: MetricTrack | None, phase: Phase, now: datetime) -> MetricTrack:
    """Return the track. Raises Refused, code "metrics-closed", where teams can't send metrics."""
    if (why := closed_because(track, phase, now)) or track is None:
        raise Refused("metrics-closed", why)
    return track


def put_metric(
    track: MetricTrack,
    name: str,
    chunks: Iterable[bytes],
    at: datetime,
    *,
    team: Team | None,
    by: str,
    higher_is_better: bool = True,
) -> Sent:
    """Take in a metric's file, or another one in its place; every one of a team's is an attempt.

    Without a team it is an organizer's, who has any number. Raises Refused, code "metric",
    "too-large", or "metrics-sent" where a team has no attempt left.
    """
    shown = _require_free_name(name)
    if team:
        _require_attempt(track, team)
    data = _whole(chunks)
    asked = asked_units(track.study)
    if not asked.units:
        raise Refused("metric", "The study has no pairs yet; wait until two methods are scored.")
    read = read_metric(data, asked)
    entry = MetricEntry(
        track=track,
        team=team,
        name=shown,
        form=read.form,
        higher_is_better=higher_is_better,
        content=read.content,
        sent_sha256=hashlib.sha256(data).hexdigest(),
        sent_by=by,
        sent_at=at,
    )
    with transaction.atomic():
        locked = MetricTrack.objects.select_for_update().get(pk=track.pk)
        if team:
            _require_attempt(locked, team)
        is_new = not track.entries.filter(name=shown, team=team).exists()
        entry.save()
        kind = AuditEntry.Kind.METRIC if is_new else AuditEntry.Kind.NEW_METRIC
        _record(entry, kind, by, at)
    return Sent(entry, _notes(entry, asked))


def delete_metric(
    track: MetricTrack, name: str, by: str, at: datetime, *, team: Team | None
) -> int:
    """Delete all that was sent for a metric, on record; return how many entries these were."""
    entries = track.entries.filter(name=normal_method(name), team=team)
    with transaction.atomic():
        newest = entries.last()
        if newest:
            _record(newest, AuditEntry.Kind.NO_METRIC, by, at)
        return entries.delete()[0]


def forget_senders(team: Team) -> None:
    """Forget which of a team's people sent its metrics."""
    team.metric_entries.update(sent_by="")


def _record(entry: MetricEntry, kind: AuditEntry.Kind, by: str, at: datetime) -> None:
    phase = entry.track.phase
    record(phase.challenge, kind, by, at, team=entry.team, subject=f"{phase.name}: {entry.name}")


def _require_free_name(name: str) -> str:
    shown = normal_method(name)
    require_shown_name(shown, "metric")
    if len(shown) > LONGEST_NAME:
        raise Refused("metric", f"The name may have at most {LONGEST_NAME} characters; shorten it.")
    if is_reserved(shown):
        raise Refused("metric", f"{shown!r} is computed by this site; take another name.")
    return shown


def _require_attempt(track: MetricTrack, team: Team) -> None:
    if not attempts_left(track, team):
        raise Refused(
            "metrics-sent",
            f"{team} has sent metrics {track.attempts} times, as often as it may: more tries "
            "would fit metrics to these judgments.",
        )


def _whole(chunks: Iterable[bytes]) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > LARGEST_BYTES:
            raise Refused("too-large", too_large(LARGEST_BYTES))
    return bytes(data)


def _notes(entry: MetricEntry, asked: AskedUnits) -> list[str]:
    """Say where values go against PSNR on most pairs: they may be the wrong way round."""
    psnr = psnr_decisions(asked)
    if entry.form != MetricEntry.Form.VALUES or psnr is None:
        return []
    against = float(np.mean(np.abs(decisions_of(entry, asked) - psnr)))
    if against <= _SUSPECT:
        return []
    better = "higher" if entry.higher_is_better else "lower"
    other = "lower" if entry.higher_is_better else "higher"
    return [
        f"The values go against PSNR on {against:.0%} of pairs. If {better} values are not better, "
        f"send the file again with better={other}."
    ]
