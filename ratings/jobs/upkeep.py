"""Freeing submissions whose time is over, with what studies made of them."""

from datetime import datetime

from django.db import transaction

from ratings.comparisons.study import entries
from ratings.storage.deletion import FileCount
from ratings.submissions.models import Submission
from ratings.submissions.retention.freeing import expired, free


def free_expired(now: datetime) -> FileCount:
    """Free the submissions whose time is over; return how many these are and their bytes."""
    freed = FileCount()
    for pk in expired(now):
        with transaction.atomic():
            if size_bytes := free(pk, now):
                entries.forget(Submission.objects.get(pk=pk))
                freed.add(size_bytes)
    return freed
