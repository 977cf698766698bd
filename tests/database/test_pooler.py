"""The site behind a real PgBouncer in transaction mode: the main line, from the demo to a ranking.

Each transaction may reach another server process there, so nothing that is prepared, declared or
set in one is there in the next.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ratings.database.cluster import Cluster
from tests.management.sites import ROOT, free_port
from tests.waiting import PATIENCE_SECONDS, eventually

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PGBOUNCER, reason="needs PgBouncer (package 'pgbouncer')"),
]
CONFIGURATION = """
[databases]
ratings = host={socket} user=ratings dbname=ratings
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
# Nothing is cleaned up between clients: what one leaves would show at the next.
server_reset_query =
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database's address, by way of PgBouncer."""
    cluster = Cluster(tmp_path_factory.mktemp("pooled"))
    cluster.start()
    port, file = free_port(), cluster.home / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(socket=cluster.socket_dir, port=port))
    file.chmod(0o644)
    log = (cluster.home / "pgbouncer.log").open("w")
    pooler = subprocess.Popen([str(PGBOUNCER), str(file)], user=cluster.user, stderr=log)
    yield f"postgres://ratings@127.0.0.1:{port}/ratings"
    pooler.terminate()
    pooler.wait(PATIENCE_SECONDS)
    log.close()
    cluster.leave()
    shutil.rmtree(cluster.home)


class Site:
    """The site by `serve`, with all of its processes behind the pooler."""

    def __init__(self, folder: Path, address: str) -> None:
        self.port = free_port()
        self.environment = os.environ | {
            "RATINGS_DATA_DIR": str(folder),
            "DATABASE_URL": address,
            "PORT": str(self.port),
            "RATINGS_DECODING_WORKERS": "1",
        }

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def served(self, log: Path) -> Iterator[None]:
        with log.open("w") as out:
            serve = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            eventually(lambda: "Ctrl-C stops everything" in log.read_text() or serve.poll())
            assert serve.poll() is None, log.read_text()
            yield
        finally:
            serve.terminate()
            serve.wait(PATIENCE_SECONDS)

    def get(self, path: str) -> tuple[int, str]:
        probe = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            probe.request("GET", path)
            answer = probe.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            return 0, ""
        finally:
            probe.close()


def ask(address: str, query: str) -> Any:  # noqa: ANN401
    with psycopg.connect(address, prepare_threshold=None) as own:
        row = own.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_main_line_goes_through_a_pooler(address: str, tmp_path: Path) -> None:
    site, log = Site(tmp_path / "site", address), tmp_path / "log"
    with site.served(log):
        assert site.get("/readyz") == (200, "ready\n")
        site.manage("simulate_raters", "demo", "--raters=4", "--judgments=80", "--seed=1")
        judged = "SELECT count(*) FROM ratings_judgment"
        assert ask(address, judged) >= 80
        ranked = "SELECT coalesce(max(judgments), 0) FROM ratings_ranking"
        counted = "SELECT sum(wins_first + wins_second + ties) FROM ratings_paircount"
        eventually(lambda: ask(address, ranked) == ask(address, counted))
        site.manage("rebuild_counts", "demo")
        out = tmp_path / "study"
        site.manage("export_study", "demo", str(out))
        rows = (out / "judgments.csv").read_text().splitlines()
        assert len(rows) - 1 == ask(address, judged)
    assert "Traceback" not in log.read_text(), log.read_text()
    left = "SELECT count(*) FROM pg_prepared_statements"
    assert ask(address, left) == 0
    assert ask(address, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    assert ask(address, "SHOW statement_timeout") == "0"
