"""A worker outlives its database, and ends when it is told to."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from ratings.database.cluster import Cluster
from tests.management.sites import ROOT
from tests.waiting import eventually

SECONDS = 120


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A database of its own, that may be stopped."""
    cluster = Cluster(tmp_path)
    cluster.start()
    manage(cluster, "migrate", "-v0").wait()
    yield cluster
    cluster.leave()
    shutil.rmtree(cluster.home)


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
    assert worker.wait(SECONDS) == 0


def test_a_worker_that_waits_for_the_database_ends_when_told(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    cluster.start()
    cluster.leave()
    (cluster.home / "cluster" / "postgresql.conf").write_text("no_such_setting = 1")
    worker = manage(cluster, "work")
    eventually(lambda: "no_such_setting" in (cluster.home / "server.log").read_text())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(SECONDS) in (0, -signal.SIGTERM)  # the latter before it is all loaded
    shutil.rmtree(cluster.home)


def test_a_queue_that_there_is_not_is_named() -> None:
    with pytest.raises(CommandError, match="rnking: no such queue"):
        call_command("work", "-q", "scoring,rnking")
