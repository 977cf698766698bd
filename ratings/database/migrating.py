"""Migrations that are whole: each one with its record, and one process at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic
from psycopg.errors import LockNotAvailable

from ratings.database.locks import lock_apart

# Among all advisory locks of the database, the one of whoever migrates it.
LOCK = 0x6D696772617465
# A step that waits for a table holds up every request that comes after it: so it waits a moment,
# lets them through, and tries again.
LOCK_TIMEOUT, PAUSE_SECONDS, TRIES = "2s", 3.0, 20


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
        """Apply a migration, as Django does; try again while others hold its tables."""
        take = super().apply_migration
        return self._patiently(
            migration, lambda: take(state.clone(), migration, fake, fake_initial)
        )

    def unapply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False
    ) -> ProjectState:
        """Undo a migration, as Django does; try again while others hold its tables."""
        take = super().unapply_migration
        return self._patiently(migration, lambda: take(state.clone(), migration, fake))

    def _patiently(self, migration: Migration, step: Callable[[], ProjectState]) -> ProjectState:
        """Take a step with short waits for locks: whoever comes after one that waits, waits too.

        Raises OperationalError, which says the mend, where the tables are never free.
        """
        for _ in range(TRIES):
            try:
                with self._whole(migration):
                    return step()
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                time.sleep(PAUSE_SECONDS)
        raise OperationalError(
            f"{migration}: others hold its tables all the time, as a long export does. Nothing of "
            "it is done; run migrate again when they have ended."
        )

    @contextmanager
    def _whole(self, migration: Migration) -> Iterator[None]:
        if not migration.atomic:
            yield
            return
        with atomic(self.connection.alias):
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            yield


@contextmanager
def alone(database: BaseDatabaseWrapper, tell: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process migrates the database, and keep others waiting meanwhile.

    `tell` takes a line where there is to wait.
    """
    words = "Another process migrates this database; waiting for it."
    with lock_apart(database, [LOCK], tell=lambda: tell(words)):
        yield
