"""Whatever takes too long ends by itself: statements, and waiting for a machine that vanished."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from ratings.database.patience import unhurried
from tests.management.sites import ROOT
from tests.waiting import PATIENCE_SECONDS

# Without time-outs the answers would come after a quarter of an hour.
SECONDS = 60.0
# In a network of its own: a database by TCP, a web server, and packets that get lost.
VANISH = """
import json, os, shutil, subprocess, sys, time
from http.client import HTTPConnection
from pathlib import Path
from ratings.database.cluster import Cluster

folder = Path(sys.argv[1])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
cluster = Cluster(folder)
cluster.start()
cluster.leave()
server = subprocess.Popen(
    [cluster.binaries / "postgres", "-D", cluster.home / "cluster", "-c",
     "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={cluster.home}"],
    user=cluster.user, stderr=subprocess.DEVNULL, cwd=cluster.home)
os.environ["DATABASE_URL"] = "postgres://ratings@127.0.0.1/ratings"
manage = [sys.executable, "manage.py"]
while subprocess.run([*manage, "migrate", "-v0"], stderr=subprocess.DEVNULL).returncode:
    time.sleep(0.2)
web = subprocess.Popen([sys.executable, "-m", "gunicorn", "ratings.wsgi", "--bind=127.0.0.1:8000",
    "--worker-class=gthread", "--threads=2", "--no-control-socket", "--log-level=critical"])

def ask():
    begun = time.monotonic()
    probe = HTTPConnection("127.0.0.1", 8000, timeout=60)
    try:
        probe.request("GET", "/api/v1/challenges/")
        return probe.getresponse().status, time.monotonic() - begun
    except OSError:
        return 0, time.monotonic() - begun

def lose(how):
    for port in ("--dport", "--sport"):
        subprocess.run(["iptables", how, "INPUT", "-p", "tcp", port, "5432", "-j", "DROP"],
            check=True)

while ask()[0] != 200:
    time.sleep(0.2)
lose("-A")
away = [ask(), ask()]
lose("-D")
while (back := ask())[0] != 200:
    time.sleep(0.2)
for process in (web, server):
    process.terminate()
    process.wait()
shutil.rmtree(cluster.home)
print(json.dumps({"away": away, "back": back}))
"""


def has_networks() -> bool:
    wanted = ("unshare", "ip", "iptables")
    if os.geteuid() != 0 or not all(map(shutil.which, wanted)):
        return False
    rules = ["unshare", "--net", "iptables", "-L"]
    return subprocess.run(rules, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_networks(), reason="needs a network of its own that loses packets")
def test_a_database_machine_that_vanishes_is_told_within_seconds(tmp_path: Path) -> None:
    environment = os.environ | {"RATINGS_DATA_DIR": str(tmp_path / "site")}
    (tmp_path / "site" / "static").mkdir(parents=True)
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", VANISH, str(tmp_path / "database")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert [status for status, _ in answer["away"]] == [503, 503]
    assert all(seconds < SECONDS for _, seconds in answer["away"]), answer


@pytest.mark.django_db(transaction=True)
def test_a_statement_of_a_web_request_ends_and_an_export_goes_on(settings: Settings) -> None:
    connection.close()
    settings.STATEMENT_SECONDS = 1
    try:
        with pytest.raises(OperationalError, match="statement timeout"):
            sleep(1.5)
        with unhurried():
            sleep(1.5)
        with pytest.raises(OperationalError, match="statement timeout"):
            sleep(1.5)
    finally:
        connection.close()


@pytest.mark.django_db
def test_commands_and_workers_take_their_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def sleep(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
