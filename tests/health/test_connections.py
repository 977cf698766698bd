"""How many connections are taken: bounded, as the documents say, and said where they don't fit."""

import runpy

import pytest
from django.db import connection

from ratings.health.connections import (
    WEB_THREADS,
    crowding,
    most_needed,
    web_processes_that_fit,
)
from ratings.health.site_facts import connections_of_the_database
from tests.management.sites import ROOT


def test_a_web_process_has_so_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def configured() -> dict[str, object]:
        return runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert (configured()["threads"], configured()["workers"]) == (WEB_THREADS, 8)
    assert configured()["control_socket_disable"] is True
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert configured()["workers"] == 2
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    assert configured()["workers"] == 3


@pytest.mark.parametrize("wanted", [1, 2, 8])
@pytest.mark.parametrize("workers", [1, 12])
@pytest.mark.parametrize("most", [1, 97, 210, 1000])
def test_as_many_web_processes_as_fit(wanted: int, workers: int, most: int) -> None:
    fitting = web_processes_that_fit(wanted, workers, most)
    assert 1 <= fitting <= wanted
    assert fitting == 1 or most_needed(fitting, workers) <= most
    assert fitting == wanted or most_needed(fitting + 1, workers) > most


@pytest.mark.django_db(transaction=True)
def test_what_does_not_fit_is_said_with_the_mends() -> None:
    _, most = connections_of_the_database()
    connection.close()
    assert crowding(0) == ""
    assert f"of {most} are taken" in crowding(most) and "max_connections" in crowding(most)
