"""How many connections to the database the site's processes take, and whether there are so many."""

from django.db import DatabaseError, InterfaceError, connection

from ratings.database.base import is_pooled
from ratings.health.site_facts import connections_of_the_database

# One for each thread: gunicorn.conf.py.
WEB_THREADS = 16
# Two by which it takes and ends jobs, one that is told of new ones, one for the job itself, one for
# a ranking's turn, and one for a decoder's heartbeat.
OF_A_WORKER = 6
# For commands, a backup, and whoever looks.
SPARE = 10


def most_needed(web_processes: int, workers: int) -> int:
    """Return how many connections a site takes at most."""
    return web_processes * WEB_THREADS + workers * OF_A_WORKER + SPARE


def web_processes_that_fit(wanted: int, workers: int, most: int) -> int:
    """Return how many of the wanted web processes fit into so many connections; at least one."""
    return max(1, min(wanted, (most - most_needed(0, workers)) // WEB_THREADS))


def crowding(more: int) -> str:
    """Say that `more` connections may be too many, and the mend; "" where there is room.

    Nothing is said of a pooler's clients, which share a few, or while the database is away.
    """
    try:
        if is_pooled():
            return ""
        used, most = connections_of_the_database()
    except (DatabaseError, InterfaceError):
        return ""
    finally:
        connection.close()
    if used + more <= most:
        return ""
    return (
        f"This may take {more} connections to the database; {used} of {most} are taken. Raise "
        "max_connections, run fewer processes (WEB_CONCURRENCY), or put PgBouncer in front."
    )
