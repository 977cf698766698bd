"""`manage.py migrate`: Django's own, which nothing can stop halfway and nobody runs beside."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from ratings.database.migrating import WholeMigrations, alone

migrate.MigrationExecutor = WholeMigrations  # type: ignore[attr-defined]


class Command(migrate.Command):
    """Django's `migrate` with whole migrations, one process at a time."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Wait for whoever migrates the same database already, then do as Django does."""
        tell = self.stdout.write if options["verbosity"] else lambda line: None
        with alone(connections[options["database"]], tell):
            super().handle(*args, **options)
