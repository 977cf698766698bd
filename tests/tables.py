"""The tables of a database of tests: which have rows, and how they are emptied."""

from collections.abc import Sequence
from functools import cache

from django.core.management.color import Style
from django.db import connection

from ratings.database.prepared_statements import PreparedStatement

# The queue's tables, which Django does not manage.
QUEUE = {
    *("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers"),
    "procrastinate_workers",
}
# Which models and permissions there are: they come with the tables, and no test changes them.
OF_TABLES = {"django_content_type", "auth_permission"}


def filled_tables() -> list[str]:
    """Return the tables that tests have put rows into."""
    return [str(table) for (table,) in statement().rows([sorted(OF_TABLES)])]


@cache
def statement() -> PreparedStatement:
    tables = sorted({*connection.introspection.django_table_names(), *QUEUE})
    looks = [f"SELECT '{table}' WHERE EXISTS (TABLE \"{table}\")" for table in tables]
    filled = f"({' UNION ALL '.join(looks)}) AS filled (name)"
    sql = f"SELECT name FROM {filled} WHERE name <> ALL($1)"
    return PreparedStatement("filled_tables", "text[]", sql)


def deletions(style: Style, tables: Sequence[str], **options: bool) -> list[str]:
    """Return statements that empty tables, in whatever order their keys refer to one another.

    A job that is left in the queue would be another test's surprise.
    """
    emptied = [f'DELETE FROM "{table}"' for table in filled_tables()]
    return ["SET LOCAL session_replication_role = replica", *emptied]
