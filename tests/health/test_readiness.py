"""Whether a process can serve: what is in the way, and that asking costs nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from ratings.health import readiness
from ratings.health.readiness import (
    CLOCK,
    DATABASE,
    FILES,
    MOST_CLOCK_DIFFERENCE,
    SharedAnswer,
    Unfit,
    clock_difference,
    clock_problem,
    files_problem,
    least_difference,
    require_fitness,
    unready,
)
from ratings.storage import content_store
from ratings.storage.root import root
from tests.builders import NOW, build_original
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shifted(request: pytest.FixtureRequest) -> timedelta:
    """Let the database's clock be behind by so many seconds."""
    seconds: int = request.param
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA shifted")
        cursor.execute(
            "CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
            f"$$ SELECT pg_catalog.clock_timestamp() - interval '{seconds} seconds' $$"
        )
        cursor.execute("SET LOCAL search_path = shifted, pg_catalog, public")
    return timedelta(seconds=seconds)


def test_a_site_that_is_well_is_ready() -> None:
    build_original()
    assert unready() == []
    require_fitness()


@given(
    ahead=st.timedeltas(-HOUR, HOUR),
    took=st.timedeltas(timedelta(), HOUR),
    share=st.floats(0, 1),
)
def test_no_clock_is_wrong_because_asking_takes_long(
    ahead: timedelta, took: timedelta, share: float
) -> None:
    """Wherever in the time that asking takes the other clock is read."""
    read = NOW - took * share - ahead
    found = least_difference(NOW, took, read)
    assert abs(found) <= abs(ahead) + timedelta(microseconds=2)
    assert abs(found) + took >= abs(ahead) - timedelta(microseconds=2)
    assert not found or (found > timedelta()) == (ahead > timedelta())


@pytest.mark.parametrize("shifted", [3600, -3600], indirect=True)
def test_a_clock_that_differs_is_told_with_the_mend(shifted: timedelta) -> None:
    assert abs(clock_difference() - shifted) < MOST_CLOCK_DIFFERENCE
    side = "ahead of" if shifted > timedelta() else "behind"
    assert f"s {side} the database's" in clock_problem() and "NTP" in clock_problem()
    assert unready() == [CLOCK]
    with pytest.raises(Unfit, match="NTP"):
        require_fitness()


@pytest.mark.parametrize("shifted", [2], indirect=True)
def test_a_clock_may_differ_by_little(shifted: timedelta) -> None:
    assert clock_problem() == ""


def test_files_of_another_site_are_told_and_one_lost_picture_is_no_other_site(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lost, kept = build_original(), build_original()
    content_store.path(lost.sha256).unlink()
    assert files_problem() == ""
    elsewhere = {"OPTIONS": {"location": tmp_path_factory.mktemp("mine")}}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": settings.STORAGES["default"] | elsewhere,
    }
    assert kept.name in files_problem() and "RATINGS_DATA_DIR" in files_problem()
    assert unready() == [FILES]


def test_a_new_site_has_no_files_yet() -> None:
    assert not root().exists()
    assert files_problem() == ""


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise OperationalError("connection refused")

    monkeypatch.setitem(readiness._ASKED, CLOCK, away)
    assert unready() == [DATABASE]


def test_many_askers_are_one_look() -> None:
    looks: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def look() -> list[str]:
        looks.append(1)
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return [FILES]

    shared = SharedAnswer(look, keep_seconds=PATIENCE_SECONDS)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(shared.get)
        assert begun.wait(PATIENCE_SECONDS)
        # Nobody waits for one that hangs: the others come back while it still looks.
        others = list(pool.map(lambda _: shared.get(), range(19)))
        assert others == [[DATABASE]] * 19 and not first.done()
        go_on.set()
        assert first.result(PATIENCE_SECONDS) == [FILES]
    assert [shared.get() for _ in range(20)] == [[FILES]] * 20
    assert len(looks) == 1
