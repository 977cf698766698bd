"""Workers prepare what may be seen and nothing else, once, and drop it again."""

import pytest
from django.db import connection, connections

from ratings.jobs.viewing_tasks import keep_pictures
from ratings.viewing.models import PreparedPicture
from tests.jobs.workers import defer, exhaust_retries, run_worker, statuses
from tests.viewing.builders import build_shown_phase, close_studies

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with an empty queue; let no connection outlive the worker's thread."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_pictures_are_prepared_when_judging_is_over_and_dropped_when_it_goes_on() -> None:
    phase = build_shown_phase()
    close_studies(phase, is_open=True)
    defer(keep_pictures)
    run_worker()
    assert not PreparedPicture.objects.exists()
    close_studies(phase)
    defer(keep_pictures)
    run_worker(["upkeep"])
    assert statuses("prepare_tiles") == ["todo", "todo"]
    defer(keep_pictures, 60)
    run_worker(["upkeep"])
    assert statuses("prepare_tiles") == ["todo", "todo"]  # each picture waits once
    run_worker(["measuring"])
    assert PreparedPicture.objects.count() == 8
    addresses = set(PreparedPicture.objects.values_list("address", flat=True))
    defer(keep_pictures, 120)
    run_worker()
    assert set(PreparedPicture.objects.values_list("address", flat=True)) == addresses
    close_studies(phase, is_open=True)
    defer(keep_pictures, 180)
    run_worker()
    assert not PreparedPicture.objects.exists()


def test_a_picture_that_is_hidden_by_then_ends_its_job() -> None:
    phase = build_shown_phase()
    defer(keep_pictures)
    run_worker(["upkeep"])
    close_studies(phase, is_open=True)
    exhaust_retries()
    assert not PreparedPicture.objects.exists()
    assert "failed" not in statuses("prepare_tiles")
