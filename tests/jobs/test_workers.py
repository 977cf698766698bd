"""The tests' own workers."""

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer

from tests.jobs.workers import run_worker


@pytest.mark.django_db(transaction=True)
def test_they_queue_nothing_by_the_clock() -> None:
    """Though something always is due: each five seconds stalled jobs are looked for."""
    assert "ratings.jobs.tasks.retry_stalled_jobs" in {
        name for name, _ in app.periodic_registry.periodic_tasks
    }
    run_worker()
    assert not ProcrastinatePeriodicDefer.objects.exists()
    assert app.periodic_registry.periodic_tasks
