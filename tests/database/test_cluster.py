"""The embedded cluster: made on first use, shared by processes, gone with the last of them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ratings.database.cluster import Cluster
from ratings.database.cluster_errors import ClusterError
from tests.waiting import eventually

USE_UNTIL_STDIN_CLOSES = """
import sys
from pathlib import Path
from ratings.database.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print("started", flush=True)
sys.stdin.read()
cluster.leave()
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.leave()
    for directory in (cluster.home, cluster.socket_dir):
        shutil.rmtree(directory, ignore_errors=True)


def other_process(cluster: Cluster) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", USE_UNTIL_STDIN_CLOSES, str(cluster.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_is_made_on_first_use_and_stops_with_its_last_user(cluster: Cluster) -> None:
    cluster.start()
    assert cluster.is_running()
    cluster.start()  # a second time changes nothing
    cluster.leave()
    assert not cluster.is_running()
    cluster.start()  # the same cluster again
    assert cluster.is_running()


def test_logs_into_a_file_for_each_day_of_the_week(cluster: Cluster) -> None:
    """So that a week's lines are all there ever are."""
    cluster.start()
    address = f"host={cluster.socket_dir} user=ratings dbname=ratings"
    with psycopg.connect(address, autocommit=True) as own:
        with pytest.raises(psycopg.errors.UndefinedTable):
            own.execute("SELECT * FROM no_such_table")
        truncates = own.execute("SHOW log_truncate_on_rotation").fetchone()
        current = own.execute("SELECT pg_current_logfile()").fetchone()
    assert truncates == ("on",) and current is not None
    log = Path(current[0])
    assert log.parent == cluster.home and re.fullmatch(r"server-[A-Z][a-z]{2}\.log", log.name)
    eventually(lambda: "no_such_table" in log.read_text())


def test_keeps_running_while_another_process_uses_it(cluster: Cluster) -> None:
    cluster.start()
    other = other_process(cluster)
    cluster.leave()
    assert cluster.is_running()
    other.communicate("")
    assert not cluster.is_running()


def test_a_killed_process_does_not_hold_it(cluster: Cluster) -> None:
    other = other_process(cluster)
    other.kill()
    other.communicate()
    cluster.start()
    cluster.leave()
    assert not cluster.is_running()


def test_a_cluster_that_was_half_created_is_made_anew(cluster: Cluster) -> None:
    for half_made in ("cluster", "creating"):
        (cluster.home / half_made).mkdir(parents=True)
        (cluster.home / half_made / "half").touch()
    cluster.start()
    assert cluster.is_running()


def test_what_a_server_that_was_killed_left_is_no_server(cluster: Cluster) -> None:
    cluster.start()
    cluster.leave()
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = cluster.home / "cluster" / "postmaster.pid"
    for text in ("", f"{ended.pid}\n"):
        left.write_text(text)
        assert not cluster.is_running()
    cluster.start()
    assert cluster.is_running()


def test_says_why_it_does_not_start(cluster: Cluster) -> None:
    cluster.start()
    cluster.leave()
    with (cluster.home / "cluster" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(ClusterError, match="no_such_setting"):
        cluster.start()


def test_only_its_user_gets_to_its_files(cluster: Cluster) -> None:
    cluster.start()
    for directory in (cluster.home, cluster.socket_dir, cluster.home / "cluster"):
        assert directory.stat().st_mode & 0o077 == 0


def test_leaving_a_cluster_whose_files_are_gone_is_no_fault(cluster: Cluster) -> None:
    cluster.start()
    assert cluster._pg_ctl("stop", "--mode=immediate").returncode == 0
    shutil.rmtree(cluster.home)
    cluster.leave()
