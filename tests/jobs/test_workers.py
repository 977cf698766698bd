"""What workers know, and the tests' own workers."""

from pathlib import Path

import pytest
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinatePeriodicDefer

import ratings
from tests.jobs.workers import run_worker


def test_they_know_the_tasks_of_every_module() -> None:
    root = Path(ratings.__path__[0])
    files = [one for one in root.rglob("*.py") if "@app.task" in one.read_text()]
    modules = {".".join(one.relative_to(root.parent).with_suffix("").parts) for one in files}
    assert modules == set(settings.PROCRASTINATE_IMPORT_PATHS)


@pytest.mark.django_db(transaction=True)
def test_they_queue_nothing_by_the_clock() -> None:
    """Though something always is due: each five seconds stalled jobs are looked for."""
    assert "ratings.jobs.tasks.retry_stalled_jobs" in {
        name for name, _ in app.periodic_registry.periodic_tasks
    }
    run_worker()
    assert not ProcrastinatePeriodicDefer.objects.exists()
    assert app.periodic_registry.periodic_tasks
