"""Whoever is killed while he migrates leaves nothing half done, and two at once don't disturb."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import StringIO

import pytest
from django.core.management import call_command, get_commands
from django.core.management.commands import migrate
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from ratings.database import migrating
from ratings.database.migrating import WholeMigrations, alone
from tests.waiting import PATIENCE_SECONDS, await_held_up, eventually

EMPTY = "test_migrating"
# Django's own first step of users, which it records after its transaction.
STEP = ("auth", "0001_initial")
# Its second one, which alters a table of the first.
LATER = "0002_alter_permission_name_max_length"
# As if the process were killed when the step is recorded.
KILLED = """
CREATE FUNCTION killed() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$;
CREATE TRIGGER killed BEFORE INSERT ON django_migrations
FOR EACH ROW WHEN (NEW.app = 'auth') EXECUTE FUNCTION killed()
"""


@pytest.fixture
def empty(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """Return a connection to a database without tables."""
    name = f"{connection.settings_dict['NAME']}_empty"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    fresh = connection.copy(EMPTY)
    fresh.settings_dict["NAME"] = name
    connections[EMPTY] = fresh
    yield fresh
    fresh.close()
    del connections[EMPTY]
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}"')


def killed_and_begun_again(executor: type[MigrationExecutor], empty: BaseDatabaseWrapper) -> None:
    MigrationRecorder(empty).ensure_schema()
    with empty.cursor() as cursor:
        cursor.execute(KILLED)
    with pytest.raises(match="killed"):
        executor(empty).migrate([STEP])
    with empty.cursor() as cursor:
        cursor.execute("DROP TRIGGER killed ON django_migrations")
    executor(empty).migrate([STEP])


def test_a_step_that_is_not_recorded_is_not_taken(empty: BaseDatabaseWrapper) -> None:
    killed_and_begun_again(WholeMigrations, empty)
    assert STEP in MigrationRecorder(empty).applied_migrations()
    assert "auth_user" in empty.introspection.table_names()


def test_nor_undone(empty: BaseDatabaseWrapper) -> None:
    WholeMigrations(empty).migrate([STEP])
    with empty.cursor() as cursor:
        cursor.execute(KILLED.replace("INSERT", "DELETE").replace("NEW", "OLD"))
    with pytest.raises(match="killed"):
        WholeMigrations(empty).migrate([("auth", None)])
    assert "auth_user" in empty.introspection.table_names()


def test_the_command_takes_whole_steps() -> None:
    assert get_commands()["migrate"] == "ratings"
    assert vars(migrate)["MigrationExecutor"] is WholeMigrations


@pytest.mark.django_db(transaction=True)
def test_two_wait_for_each_other() -> None:
    said: list[str] = []
    out = StringIO()

    def second() -> None:
        try:
            call_command("migrate", stdout=out)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with alone(connection, said.append):
            other = pool.submit(second)
            await_held_up(1)
            assert not other.done()
        other.result()
    assert said == []
    assert out.getvalue().startswith("Another process migrates this database; waiting for it.\n")
    assert "No migrations to apply." in out.getvalue()


def test_a_step_waits_for_a_table_without_keeping_others_waiting(
    empty: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.05)
    WholeMigrations(empty).migrate([STEP])
    reader = empty.copy()

    def migrate() -> None:
        connections[EMPTY] = own = empty.copy()  # each thread has its own
        try:
            WholeMigrations(own).migrate([("auth", LATER)])
        finally:
            own.close()

    with closing(reader), reader.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        reader.set_autocommit(False)
        cursor.execute("SELECT count(*) FROM auth_permission")
        migrated = pool.submit(migrate)
        waits: set[object] = set()

        def has_tried_twice() -> bool:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT xact_start FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            waits.update(cursor.fetchall())
            return len(waits) > 1

        eventually(lambda: migrated.done() or has_tried_twice())
        reader.close()
        migrated.result(PATIENCE_SECONDS)
        assert len(waits) > 1
    assert ("auth", LATER) in MigrationRecorder(empty).applied_migrations()


def test_a_step_that_never_finds_its_table_free_does_nothing_and_says_so(
    empty: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(migrating, "TRIES", 2)
    WholeMigrations(empty).migrate([STEP])
    reader = empty.copy()
    with closing(reader), reader.cursor() as cursor:
        reader.set_autocommit(False)
        cursor.execute("SELECT count(*) FROM auth_permission")
        with pytest.raises(OperationalError, match="run migrate again when they have ended"):
            WholeMigrations(empty).migrate([("auth", LATER)])
    assert ("auth", LATER) not in MigrationRecorder(empty).applied_migrations()
