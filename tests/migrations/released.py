"""What the last release's code reads and writes: its tables, as its database had them.

`python -m tests.migrations.released` writes the record anew; it belongs to a release, after its
last migration, and nowhere else.
"""

import json
from pathlib import Path

from django.db import connection

RECORD = Path(__file__).with_name("last_release.json")
# A column's type, and whether a row can be written without naming it.
COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS is_needed
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2
"""
Tables = dict[str, dict[str, tuple[str, bool]]]


def tables_now() -> Tables:
    """Return type and need of each column of each table of this database."""
    tables: Tables = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for table, column, kind, is_needed in cursor.fetchall():
            tables.setdefault(table, {})[column] = (kind, is_needed)
    return tables


def tables_released() -> Tables:
    """Return the same of the last release."""
    recorded = json.loads(RECORD.read_text())["tables"]
    return {
        table: {column: (kind, needed) for column, (kind, needed) in columns.items()}
        for table, columns in recorded.items()
    }


def unbearable(old: Tables, new: Tables) -> list[str]:
    """Return what code that knows the old tables can't bear about the new ones, a line each."""
    lines = []
    for table, columns in old.items():
        if table not in new:
            lines.append(f"{table} is gone")
            continue
        for column, (kind, needed) in columns.items():
            if column not in new[table]:
                lines.append(f"{table}.{column} is gone")
                continue
            kind_now, needed_now = new[table][column]
            if kind_now != kind:
                lines.append(f"{table}.{column} was {kind} and is {kind_now}")
            if needed_now and not needed:
                lines.append(f"{table}.{column} must be given now")
        lines += [
            f"{table}.{column} is new, and must be given: give it a db_default"
            for column, (_, needed) in new[table].items()
            if column not in columns and needed
        ]
    return lines


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
    django.setup()
    from ratings import __version__

    tables = [f"{json.dumps(table)}: {json.dumps(now)}" for table, now in tables_now().items()]
    lines = ",\n".join(tables)  # a line each, so that what changes shows
    RECORD.write_text(f'{{"version": "{__version__}", "tables": {{\n{lines}\n}}}}\n')
