"""Migrations that are whole: each one with its record, and one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.transaction import Atomic, atomic

from ratings.database.locks import lock_apart

# Among all advisory locks of the database, the one of whoever migrates it.
LOCK = 0x6D696772617465


class WholeMigrations(MigrationExecutor):
    """Applies or undoes a migration and records that in one transaction.

    Django records many a migration after its transaction, and a squashed one row by row. Whoever is
    killed in between leaves tables that the next `migrate` makes again, or steps that it takes
    though what they change is not there.
    """

    def apply_migration(
        self,
        state: ProjectState,
        migration: Migration,
        fake: bool = False,
        fake_initial: bool = False,
    ) -> ProjectState:
        """Apply a migration, as Django does."""
        with self._whole(migration):
            return super().apply_migration(state, migration, fake, fake_initial)

    def unapply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False
    ) -> ProjectState:
        """Undo a migration, as Django does."""
        with self._whole(migration):
            return super().unapply_migration(state, migration, fake)

    def _whole(self, migration: Migration) -> "Atomic | nullcontext[None]":
        return atomic(self.connection.alias) if migration.atomic else nullcontext()


@contextmanager
def alone(database: BaseDatabaseWrapper, tell: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process migrates the database, and keep others waiting meanwhile.

    `tell` takes a line where there is to wait.
    """
    words = "Another process migrates this database; waiting for it."
    with lock_apart(database, [LOCK], tell=lambda: tell(words)):
        yield
