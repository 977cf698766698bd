"""The engine refuses a server that may lose acknowledged judgments."""

import copy

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from ratings.database.base import DatabaseWrapper


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
