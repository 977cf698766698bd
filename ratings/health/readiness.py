"""Whether this process can do its part: the database answers, files are the site's, clocks agree.

Balancers ask every few seconds, and so may anybody: at most one thread of a process looks, at most
once a second, and all others are told what it found.
"""

import math
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection

from ratings.challenge.models import Original
from ratings.storage.root import place, root
from ratings.storage.shelves import CONTENT
from ratings.storage.store import StoreAway

# Deadlines, leases and heartbeats are compared across machines; NTP keeps clocks within
# milliseconds.
MOST_CLOCK_DIFFERENCE = timedelta(seconds=5)
# So many of the newest pictures are looked for: one may be lost, a folder without any is another.
PICTURES = 5
KEEP_SECONDS = 1.0
# Who has looked for longer hangs, on a lock or on a disk that is gone.
STALE_SECONDS = 10.0
# What stands in the answer: words that tell a stranger nothing.
DATABASE, FILES, CLOCK = "database", "files", "clock"


class Unfit(Exception):
    """This process must not work here; the text says why, and the mend."""


def clock_difference() -> timedelta:
    """Return how far this machine's clock is at least ahead of the database's."""
    connection.ensure_connection()  # which takes its time
    before = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    took = timedelta(seconds=time.monotonic() - before)
    return least_difference(datetime.now(UTC), took, theirs)


def least_difference(ours: datetime, took: timedelta, theirs: datetime) -> timedelta:
    """Return how far one clock is at least ahead of another, which was read at some time of `took`.

    `ours` was read at its end. On a machine that is slow, no clock is wrong for that.
    """
    ahead, doubt = ours - took / 2 - theirs, took / 2
    return (
        max(ahead - doubt, timedelta()) if ahead > timedelta() else min(ahead + doubt, timedelta())
    )


def clock_problem() -> str:
    """Say that clocks differ too much, and the mend; "" where they agree."""
    ahead = clock_difference()
    if abs(ahead) <= MOST_CLOCK_DIFFERENCE:
        return ""
    side = "ahead of" if ahead > timedelta() else "behind"
    return (
        f"This machine's clock is {abs(ahead).total_seconds():.0f} s {side} the database's. "
        "Deadlines and heartbeats would be wrong: let NTP set both."
    )


def files_problem() -> str:
    """Say what is wrong with the site's files, and the mend; "" where all is well."""
    folder = existing(root())
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return f"{folder} can't be written to. Let the site's user own it, or mount it writable."
    newest = Original.objects.order_by("-pk").values_list("name", "sha256")[:PICTURES]
    pictures = list(newest)
    try:
        if not pictures or any(CONTENT.has(sha256) for _, sha256 in pictures):
            return ""
    except StoreAway as error:
        return f"{error} Mend RATINGS_FILES_URL or the keys, or let this machine reach the store."
    return (
        f"The database names {pictures[0][0]}, and {place()} lacks it: these are not the site's "
        "files. Let RATINGS_DATA_DIR be the storage that all its machines share, or "
        "RATINGS_FILES_URL the bucket."
    )


def require_fitness() -> None:
    """Raise Unfit where clocks differ, or files are not the site's own."""
    if problem := clock_problem() or files_problem():
        raise Unfit(problem)


def unready() -> list[str]:
    """Return which of DATABASE, FILES and CLOCK keep this process from serving."""
    try:
        return [name for name, ask in _ASKED.items() if ask()]
    except (DatabaseError, InterfaceError, ImproperlyConfigured):
        return [DATABASE]


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above that is there: a new site makes its own."""
    return next(path for path in (folder, *folder.parents) if path.exists())


_ASKED: dict[str, Callable[[], str]] = {CLOCK: clock_problem, FILES: files_problem}


class SharedAnswer:
    """The last answer to a question that one thread at a time asks, at most once a second."""

    def __init__(
        self, ask: Callable[[], Sequence[str]], keep_seconds: float = KEEP_SECONDS
    ) -> None:
        self._ask = ask
        self._keep_seconds = keep_seconds
        self._asking = Lock()
        self._answer: Sequence[str] = ()
        self._at = -math.inf

    def get(self) -> Sequence[str]:
        """Return what is in the way, by name; DATABASE where whoever looks does not come back."""
        if self._age() < self._keep_seconds:
            return self._answer
        # The first ones wait a little; later ones take the answer before.
        if self._asking.acquire(timeout=0.0 if self._age() < STALE_SECONDS else KEEP_SECONDS):
            try:
                if self._age() >= self._keep_seconds:
                    self._answer = self._ask()
                    self._at = time.monotonic()
            finally:
                self._asking.release()
        return self._answer if self._age() < STALE_SECONDS else [DATABASE]

    def _age(self) -> float:
        return time.monotonic() - self._at


READINESS = SharedAnswer(unready)
