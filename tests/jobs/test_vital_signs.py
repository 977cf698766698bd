"""What a worker tells its supervisor, and where it must not work."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ratings.database.cluster import Cluster
from ratings.health.connections import OF_A_WORKER
from tests.management.sites import ROOT
from tests.own_cluster import own_cluster
from tests.waiting import PATIENCE_SECONDS, eventually


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Cluster]:
    with own_cluster(tmp_path_factory.mktemp("worker")) as cluster:
        yield cluster


def worker(cluster: Cluster, variables: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"RATINGS_DATA_DIR": str(cluster.data_dir)} | variables
    if "DATABASE_URL" not in variables:
        environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def connections(cluster: Cluster) -> int:
    """Return how many connections others have."""
    others = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with psycopg.connect(host=str(cluster.socket_dir), user="ratings", dbname="ratings") as own:
        row = own.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {others}").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.slow
def test_it_tells_its_state_while_it_lives(cluster: Cluster, tmp_path: Path) -> None:
    alive, address = tmp_path / "alive", str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(PATIENCE_SECONDS)
        running = worker(cluster, {"NOTIFY_SOCKET": address}, "work", f"--alive={alive}")
        eventually(lambda: alive.exists() and alive.read_text() == "working\n")
        words: set[str] = set()
        while "READY=1" not in words:
            words |= {*systemd.recv(1000).decode().splitlines()}
        assert {"READY=1", "WATCHDOG=1", "STATUS=working"} <= words
        written, taken = alive.stat().st_mtime_ns, [connections(cluster)]

        def is_told_again() -> bool:
            taken.append(connections(cluster))
            return alive.stat().st_mtime_ns != written

        eventually(is_told_again)
        assert 2 <= max(taken) <= OF_A_WORKER
        with psycopg.connect(host=str(cluster.socket_dir), user="ratings", dbname="ratings") as own:
            # A pooler does the same: it takes the question, and no answer comes.
            own.execute("LOCK TABLE procrastinate_workers, procrastinate_jobs")
            eventually(lambda: alive.read_text() == "waiting for the database\n")
        eventually(lambda: alive.read_text() == "working\n")
        running.terminate()
        running.communicate(timeout=PATIENCE_SECONDS)
        assert running.returncode == 0
    assert not alive.exists()


def address_with(cluster: Cluster, search_path: str) -> str:
    options = f"-c%20search_path%3D{search_path}"
    return f"postgres://ratings@/ratings?host={cluster.socket_dir}&options={options}"


@pytest.mark.slow
def test_a_worker_whose_clock_is_wrong_ends_with_the_mend(cluster: Cluster) -> None:
    with psycopg.connect(host=str(cluster.socket_dir), user="ratings", dbname="ratings") as own:
        own.execute("CREATE SCHEMA shifted")
        own.execute(
            "CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            "$$ SELECT pg_catalog.clock_timestamp() - interval '1 hour' $$"
        )
    shifted = address_with(cluster, "shifted,pg_catalog,public")
    running = worker(cluster, {"DATABASE_URL": shifted}, "work", "-q", "upkeep")
    _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 1
    assert "clock is 3600 s ahead of the database's" in said and "NTP" in said
