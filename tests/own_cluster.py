"""A cluster of a test's own, which it may stop and break, with the site's tables in it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from ratings.database.cluster import Cluster


@contextmanager
def own_cluster(data_dir: Path) -> Iterator[Cluster]:
    """Start a cluster with tables; where the test is over it goes, whatever became of it.

    The tables are those of the tests' database, which must be there: migrating takes five times as
    long as copying them.
    """
    cluster = Cluster(data_dir)
    cluster.start()
    _copy_tables(cluster)
    yield cluster
    cluster.leave()
    shutil.rmtree(cluster.home, ignore_errors=True)


def _copy_tables(cluster: Cluster) -> None:
    tests = connection.get_connection_params()
    dump = [f"{cluster.binaries}/pg_dump", "-h", tests["host"], "-U", "ratings", tests["dbname"]]
    load = [f"{cluster.binaries}/psql", "-qX", "-h", str(cluster.socket_dir), "-U", "ratings"]
    dumped = subprocess.run(dump, capture_output=True, check=True).stdout
    subprocess.run([*load, "ratings"], input=dumped, stdout=subprocess.DEVNULL, check=True)
