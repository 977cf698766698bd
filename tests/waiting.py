"""Waiting for what others do: by asking now and then, never by spinning on a shared machine."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Found = TypeVar("Found")
# The limits of all waits: far more than anything here takes, for on a machine with other work to do
# all takes longer. Where things go well they cost nothing.
PATIENCE_SECONDS = 240.0
# Of what a page does by itself: all journeys together must end where the page is broken.
PAGE_SECONDS = 60.0
HELD_UP = "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def eventually(
    ask: Callable[[], Found | None], *, every: float = 0.05, within: float = PATIENCE_SECONDS
) -> Found:
    """Ask every so many seconds until the answer is true; return it.

    Raises AssertionError with the last answer where that takes longer than `within` seconds.
    """
    deadline = time.monotonic() + within
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {answer!r}"
        time.sleep(every)
    return answer


def await_one_held_up() -> None:
    """Wait until another connection waits for what this one has locked."""

    def is_one_held_up() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(HELD_UP)
            return bool(cursor.fetchone()[0])

    eventually(is_one_held_up)


def await_held_up(connections: int) -> None:
    """Wait until so many connections to this database wait for locks, whoever holds them."""

    def are_held_up() -> bool:
        with connection.cursor() as cursor:
            # In an open transaction Postgres would show again what it showed first.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return bool(cursor.fetchone()[0] == connections)

    eventually(are_held_up)
