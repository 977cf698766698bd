"""One database that is migrated once; each worker's is a copy of it."""

import hashlib
import inspect
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

PINS = Path(__file__).resolve().parent.parent / "requirements" / "dev.txt"
# Among all advisory locks, the one of whoever makes the template.
LOCK = 0x74656D706C617465


def template_database() -> str:
    """Return the name of a database with all tables and no rows; make it where there is none.

    Workers that come meanwhile wait. It is named after what it was made from, so that where a
    server outlives the tests another state of the code makes another; older ones are dropped.
    """
    prefix = f"{connection.settings_dict['NAME']}_migrated_"
    name = prefix + digest()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # held until it disconnects
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        there = {found for (found,) in cursor.fetchall()}
        for old in there - {name}:
            cursor.execute(f'DROP DATABASE "{old}"')
        if name not in there:
            # Renamed when whole: whoever is killed half-way leaves nothing that serves as one.
            cursor.execute(f'CREATE DATABASE "{prefix}"')
            migrate(prefix)
            cursor.execute(f'ALTER DATABASE "{prefix}" RENAME TO "{name}"')
    return name


def digest() -> str:
    """Return what stands for the text of all migrations, and for the versions of libraries."""
    made_from = hashlib.sha256(PINS.read_bytes())
    for _, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        made_from.update(Path(inspect.getfile(type(migration))).read_bytes())
    return made_from.hexdigest()[:16]


def migrate(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", name)
        call_command("migrate", verbosity=0)
        connection.close()
