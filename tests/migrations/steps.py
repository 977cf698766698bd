"""Taking the database to an older state and back, by the steps that the squashed one replaces."""

import gc

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.remembered import forget

NEWEST = ("ratings", "0090_endings")


def migrate(target: tuple[str, str] = NEWEST) -> None:
    """Migrate to a step, such as ("ratings", "0001_initial")."""
    forget()  # tables change, and sequences begin again
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    # Each step makes the site's models anew; looking for garbage would take a third of the time.
    gc.disable()
    try:
        executor.migrate([target])
    finally:
        gc.enable()
