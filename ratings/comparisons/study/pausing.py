"""Pausing and closing a study by hand: nothing new is issued, what was issued is still taken."""

from datetime import datetime

from django.contrib.auth.models import User

from ratings.comparisons.locking import lock_study, locking
from ratings.comparisons.models import Study, StudyHold

Kind = StudyHold.Kind


def pause(study: Study, by: User, now: datetime) -> None:
    """Pause a study, and put on record who did. A paused study stays as it is."""
    with locking():
        if lock_study(study.pk).paused_at is None:
            Study.objects.filter(pk=study.pk).update(paused_at=now)
            StudyHold.objects.create(study=study, kind=Kind.PAUSE, begun_at=now, begun_by=by)


def resume(study: Study, by: User, now: datetime) -> None:
    """Let a paused study go on, and put on record who did."""
    with locking():
        lock_study(study.pk)
        Study.objects.filter(pk=study.pk).update(paused_at=None)
        _end(study, Kind.PAUSE, by, now)


def close(study: Study, by: User, now: datetime) -> None:
    """Close an open study, and put on record who did: whoever began is done and gets their code."""
    with locking():
        if lock_study(study.pk).is_open:
            Study.objects.filter(pk=study.pk).update(is_open=False)
            StudyHold.objects.create(study=study, kind=Kind.CLOSE, begun_at=now, begun_by=by)


def reopen(study: Study, by: User, now: datetime) -> None:
    """Open what an organizer closed, and put on record who did; not what its own rule closed."""
    with locking():
        lock_study(study.pk)
        if _end(study, Kind.CLOSE, by, now):
            Study.objects.filter(pk=study.pk).update(is_open=True)


def _end(study: Study, kind: Kind, by: User, now: datetime) -> bool:
    current = StudyHold.objects.filter(study=study, kind=kind, ended_at=None)
    return current.update(ended_at=now, ended_by=by) > 0
