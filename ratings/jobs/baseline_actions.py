"""Asking for baselines at the desk or by a call: put on record and queued at once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ratings.challenge.models import Phase
from ratings.jobs.tasks import make_baseline
from ratings.submissions.intake.baseline_orders import ask_for_baselines


def start_baselines(
    phase: Phase, names: Sequence[str], by: str, at: datetime, *, again: bool = False
) -> None:
    """Queue the making of baselines. Raises Refused as `ask_for_baselines` does."""
    with transaction.atomic():
        for order in ask_for_baselines(phase, names, by, at, again=again):
            make_baseline.defer(order_id=order.pk)
