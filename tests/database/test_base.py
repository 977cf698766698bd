"""The engine refuses a server that may lose acknowledged judgments."""

import copy
import shutil
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from pytest_django.fixtures import Settings

from ratings.database.base import DatabaseWrapper
from ratings.database.cluster import Cluster


@pytest.mark.django_db
def test_a_server_that_syncs_is_taken() -> None:
    assert connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


@pytest.mark.django_db
def test_a_server_that_may_lose_commits_is_refused() -> None:
    parameters = copy.deepcopy(connection.settings_dict)
    parameters["OPTIONS"]["options"] = "-c synchronous_commit=off"
    with pytest.raises(ImproperlyConfigured, match="synchronous_commit = off"):
        DatabaseWrapper(parameters, "careless").connect()


def test_a_cluster_that_does_not_start_is_a_database_that_is_away(
    settings: Settings, tmp_path: Path
) -> None:
    """So that requests are answered with 503 and sent again."""
    settings.EMBEDDED_POSTGRES, settings.DATA_DIR = True, tmp_path
    cluster = Cluster(tmp_path)
    cluster.start()
    cluster.leave()
    (cluster.home / "cluster" / "postgresql.conf").write_text("no_such_setting = 1")
    with pytest.raises(OperationalError, match="no_such_setting"):
        DatabaseWrapper(copy.deepcopy(connection.settings_dict), "broken").connect()
    shutil.rmtree(cluster.home)
