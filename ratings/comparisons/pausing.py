"""Pausing a study by hand: nothing new is issued, what was issued is still taken."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from ratings.comparisons.models import Pause, Study


def pause(study: Study, by: User, now: datetime) -> None:
    """Pause a study, and put on record who did. A paused study stays as it is."""
    with transaction.atomic():
        locked = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if locked.paused_at is None:
            Study.objects.filter(pk=study.pk).update(paused_at=now)
            Pause.objects.create(study=study, begun_at=now, begun_by=by)


def resume(study: Study, by: User, now: datetime) -> None:
    """Let a paused study go on, and put on record who did."""
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        Study.objects.filter(pk=study.pk).update(paused_at=None)
        Pause.objects.filter(study=study, ended_at=None).update(ended_at=now, ended_by=by)
