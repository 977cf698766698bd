"""The site behind a real PgBouncer in transaction mode: the main line, from judging to an export.

Each transaction reaches another server process there, so nothing that is prepared, declared or set
in one is there in the next.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ratings.database.base import is_pooled
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
max_client_conn = 100
# The worst case: another server process each time, and what a client leaves there stays.
server_round_robin = 1
server_reset_query =
"""
# In a process of its own, as its settings name the pooler's database: raters at once, a worker, a
# ranking whose turn is held, and exports in parts.
MAIN_LINE = """
import json
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
import numpy as np
from django.core.management import call_command
from django.db import connection, transaction
from ratings.comparisons.judgments.judging import Answer, judge, undo
from ratings.comparisons.models import Judgment, PairCount, Study
from ratings.comparisons.trials.scheduling import issue
from ratings.database.base import is_pooled
from ratings.health.readiness import unready
from ratings.health.site_facts import read_facts
from ratings.jobs.queues import QUEUES
from ratings.jobs.study_tasks import refit_rankings
from ratings.ranking.evidence import judgment_rows
from ratings.ranking.models import Ranking
from ratings.ranking.fits.ranking_turns import turn
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study, build_rater
from tests.jobs.workers import run_worker

call_command("migrate", verbosity=0)
study = build_filled_study(methods=3, pictures=4, crops_per_picture=1)
Study.objects.filter(pk=study.pk).update(is_open=True)

def session(number):
    try:
        rater = build_rater(study)
        for trial in issue(rater, 8, NOW, np.random.default_rng(number)):
            last = judge(trial.pk, [rater.pk], Answer("left", 4000, {"flips": 3}), NOW)
            again = judge(trial.pk, [rater.pk], Answer("left", 4000, {"flips": 3}), NOW)
        undo(trial.pk, [rater.pk], 1, NOW)
        return last.outcome.value, again.outcome.value
    finally:
        connection.close()

with ThreadPoolExecutor(4) as pool:
    outcomes = sorted({outcome for pair in pool.map(session, range(8)) for outcome in pair})

def has_turn():
    with turn(study, wait=False) as mine:
        connection.close()
        return mine

with turn(study):
    with ThreadPoolExecutor(1) as pool:
        refused = pool.submit(has_turn).result()
    Study.objects.count(), Study.objects.count()
taken = has_turn()
refit_rankings.defer(timestamp=0)
run_worker(QUEUES)
print(json.dumps({
    "pooled": is_pooled(), "unready": unready(), "outcomes": outcomes,
    "turns": [refused, taken],
    "counted": sum(c.wins_first + c.wins_second + c.ties for c in PairCount.objects.all()),
    "ranked": Ranking.objects.latest().judgments,
    "judged": Judgment.objects.count(),
    "exported": len(list(judgment_rows.judgment_rows(study))),
    "in parts": len(list(Judgment.objects.iterator(chunk_size=10))),
    "alive": read_facts(NOW).workers_alive,
}))
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "database")
    cluster.start()
    yield cluster
    cluster.leave()
    shutil.rmtree(cluster.home)


@pytest.fixture
def address(cluster: Cluster) -> Iterator[str]:
    """The database's address by way of PgBouncer."""
    port, file = free_port(), cluster.home / "pgbouncer.ini"
    file.write_text(CONFIGURATION.format(socket=cluster.socket_dir, port=port))
    file.chmod(0o644)
    pooler = subprocess.Popen(
        [str(PGBOUNCER), str(file)], user=cluster.user, stderr=subprocess.DEVNULL
    )
    address = f"postgres://ratings@127.0.0.1:{port}/ratings"
    eventually(lambda: answers(address))
    yield address
    pooler.terminate()
    pooler.wait(PATIENCE_SECONDS)


def answers(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_main_line_goes_through_a_pooler(
    cluster: Cluster, address: str, tmp_path: Path
) -> None:
    environment = os.environ | {
        "DATABASE_URL": address,
        "RATINGS_DATA_DIR": str(tmp_path / "site"),
        "RATINGS_STATEMENT_SECONDS": "60",
        "DJANGO_SETTINGS_MODULE": "ratings.settings",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MAIN_LINE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["pooled"] and told["unready"] == []
    assert told["outcomes"] == ["repeated", "stored"]
    assert told["turns"] == [False, True]
    assert told["judged"] == told["exported"] == told["in parts"] > 30
    assert told["ranked"] == told["counted"] == told["judged"] - 8  # one of each rater is undone
    with psycopg.connect(host=str(cluster.socket_dir), user="ratings", dbname="ratings") as own:
        held = own.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
    assert held == (0,)
    # Nothing is left for the next client, whichever process it reaches.
    with psycopg.connect(address, prepare_threshold=None, autocommit=True) as next_one:
        for _ in range(8):
            left = next_one.execute(
                "SELECT current_setting('statement_timeout'),"
                " (SELECT count(*) FROM pg_prepared_statements),"
                " (SELECT count(*) FROM pg_cursors WHERE is_holdable)"
            ).fetchone()
            assert left == ("0", 0, 0)


@pytest.mark.django_db
def test_without_a_pooler_there_is_none() -> None:
    assert not is_pooled()
