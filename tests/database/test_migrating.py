"""Whoever is killed while he migrates leaves nothing half done, and two at once don't disturb."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import call_command, get_commands
from django.core.management.commands import migrate
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from ratings.database.migrating import WholeMigrations, alone
from tests.waiting import await_held_up

EMPTY = "test_migrating"
# Django's own first step of users, which it records after its transaction.
STEP = ("auth", "0001_initial")
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
