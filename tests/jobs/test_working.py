"""A worker outlives its database, and ends when it is told to."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ratings.database.cluster import Cluster
from ratings.jobs.tasks import score_picture
from ratings.jobs.vital_signs import VitalSigns
from ratings.jobs.working import WorkerConnector
from tests.management.sites import ROOT
from tests.own_cluster import own_cluster
from tests.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture
def cluster(tmp_path: Path, db: None) -> Iterator[Cluster]:
    """A database of its own, that may be stopped."""
    with own_cluster(tmp_path) as cluster:
        yield cluster


def manage(cluster: Cluster, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"RATINGS_DATA_DIR": str(cluster.data_dir)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def ask(cluster: Cluster, query: str) -> int:
    """Return the number that a query gives, 0 where the database is away."""
    try:
        with psycopg.connect(host=str(cluster.socket_dir), user="ratings", dbname="ratings") as own:
            row = own.execute(query).fetchone()
    except psycopg.OperationalError:
        return 0
    assert row is not None
    return int(row[0])


def is_more(cluster: Cluster, query: str, than: int) -> bool:
    return ask(cluster, query) > than


def stop(cluster: Cluster, shutdown: signal.Signals) -> None:
    """Stop the server and wait for its end; whoever uses it starts it again."""
    pid_file = cluster.home / "cluster" / "postmaster.pid"
    postmaster = pid_file.read_text().split()[0]
    os.kill(int(postmaster), shutdown)
    eventually(lambda: not pid_file.exists() or postmaster not in pid_file.read_text())


@pytest.mark.slow
def test_a_worker_outlives_restarts_of_its_database(cluster: Cluster) -> None:
    worker = manage(cluster, "work", "-q", "upkeep")
    deferred = "SELECT coalesce(max(id), 0) FROM procrastinate_periodic_defers"
    eventually(lambda: ask(cluster, deferred) > 0)
    for shutdown in (signal.SIGINT, signal.SIGQUIT):  # Postgres' fast and immediate ones
        stop(cluster, shutdown)
        eventually(partial(is_more, cluster, deferred, ask(cluster, deferred) + 1))
        assert worker.poll() is None
    mine = "status = 'todo' AND queue_name = 'upkeep'"  # nobody takes the others here
    jobs = f"SELECT count(*) FROM procrastinate_jobs WHERE {mine}"
    eventually(lambda: ask(cluster, jobs) == 0)
    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0


def test_a_worker_that_waits_for_the_database_ends_when_told(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    cluster.start()
    cluster.leave()
    (cluster.home / "cluster" / "postgresql.conf").write_text("no_such_setting = 1")
    worker = manage(cluster, "work")
    eventually(lambda: "no_such_setting" in (cluster.home / "server.log").read_text())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_SECONDS) in (
        0,
        -signal.SIGTERM,
    )  # the latter before it is all loaded
    shutil.rmtree(cluster.home)


class RolledBack(Exception):
    """Raised to end a transaction."""


def queue_and_roll_back() -> None:
    """Queue a picture in a transaction that comes to nothing, and one in another that is kept."""
    try:
        with suppress(RolledBack), transaction.atomic():
            score_picture.batch_defer({"decoded_image_id": 1})
            raise RolledBack
        with transaction.atomic():
            score_picture.batch_defer({"decoded_image_id": 2})
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_a_task_queues_is_queued_with_its_transaction() -> None:
    async def as_a_worker() -> None:
        async with app.open_async():
            await sync_to_async(queue_and_roll_back, thread_sensitive=False)()

    with app.replace_connector(WorkerConnector(VitalSigns(None))):
        asyncio.run(as_a_worker())
    queued = ProcrastinateJob.objects.filter(task_name__endswith="score_picture")
    assert [job.args for job in queued] == [{"decoded_image_id": 2}]


def test_a_queue_that_there_is_not_is_named() -> None:
    with pytest.raises(CommandError, match="rnking: no such queue"):
        call_command("work", "-q", "scoring,rnking")
