"""Workers of the tests' own process, and what is queued for them."""

from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicRegistry
from procrastinate.tasks import Task

from ratings.jobs.tasks import ATTEMPTS
from ratings.jobs.vital_signs import VitalSigns
from ratings.jobs.working import WorkerConnector


def run_worker(queues: list[str] | None = None) -> None:
    """Work until the queues, by default all of them, are empty.

    What is due by the clock is not queued: at some minutes of each hour it would free the files of
    phases that closed long ago. Tests queue it by `defer`.
    """
    with (
        app.replace_connector(WorkerConnector(VitalSigns(None))) as worker_app,
        pytest.MonkeyPatch.context() as patch,
    ):
        # What is due by the clock is known once all tasks are. `app` only stands for this app: of
        # itself nothing can be replaced.
        worker_app.perform_import_paths()  # type: ignore[no-untyped-call]
        nothing_due = PeriodicRegistry()  # type: ignore[no-untyped-call]
        patch.setattr(worker_app, "periodic_registry", nothing_due)
        worker_app.run_worker(
            queues=queues, wait=False, install_signal_handlers=False, listen_notify=False
        )


def defer(task: Task[..., Any, Any], timestamp: int = 0) -> None:
    """Queue a periodic task as the worker does at some instant."""
    task.defer(timestamp=timestamp)


def statuses(task: str) -> list[str]:
    """Return the statuses of a task's jobs, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status FROM procrastinate_jobs WHERE task_name LIKE %s ORDER BY id",
            [f"%.{task}"],
        )
        return [status for (status,) in cursor.fetchall()]


def exhaust_retries(queues: list[str] | None = None) -> None:
    """Work as often as a job may be tried, each time as if its waiting time were over."""
    for _ in range(ATTEMPTS):
        run_worker(queues)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
