"""Pausing and closing a study by hand: nothing new is issued, what was issued is still taken."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from ratings.comparisons.models import Pause, Study


def pause(study: Study, by: User, now: datetime) -> None:
    """Pause a study, and put on record who did. A paused study stays as it is."""
    with transaction.atomic():
        if _lock(study).paused_at is None:
            Study.objects.filter(pk=study.pk).update(paused_at=now)
            Pause.objects.create(study=study, begun_at=now, begun_by=by)


def resume(study: Study, by: User, now: datetime) -> None:
    """Let a paused study go on, and put on record who did."""
    with transaction.atomic():
        _lock(study)
        Study.objects.filter(pk=study.pk).update(paused_at=None)
        _end(study, by, now, closes=False)


def close(study: Study, by: User, now: datetime) -> None:
    """Close an open study, and put on record who did: whoever began is done and gets their code."""
    with transaction.atomic():
        if _lock(study).is_open:
            Study.objects.filter(pk=study.pk).update(is_open=False)
            Pause.objects.create(study=study, closes=True, begun_at=now, begun_by=by)


def reopen(study: Study, by: User, now: datetime) -> None:
    """Open what an organizer closed, and put on record who did; not what its own rule closed."""
    with transaction.atomic():
        _lock(study)
        if _end(study, by, now, closes=True):
            Study.objects.filter(pk=study.pk).update(is_open=True)


def _lock(study: Study) -> Study:
    return Study.objects.select_for_update(no_key=True).get(pk=study.pk)


def _end(study: Study, by: User, now: datetime, *, closes: bool) -> bool:
    current = Pause.objects.filter(study=study, closes=closes, ended_at=None)
    return current.update(ended_at=now, ended_by=by) > 0
