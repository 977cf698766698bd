"""How long statements wait for one another's locks, seen by looking often; for `many_raters`."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

EVERY_SECONDS = 0.02
WAITING = "SELECT left(query, 60) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@dataclass
class LockWaits:
    """Seconds that statements waited, together and by how they begin."""

    seconds: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        parts = [f"{spent:.2f} s {' '.join(query.split())!r}" for query, spent in self._most()]
        return "; ".join([f"{self.seconds.total():.2f} s", *parts])

    def _most(self) -> list[tuple[str, float]]:
        return [(query, float(spent)) for query, spent in self.seconds.most_common(3)]


@contextmanager
def watched(sockets: str) -> Iterator[LockWaits]:
    """Look for statements that wait, at the Postgres with its socket in a folder."""
    waits, is_over = LockWaits(), threading.Event()
    with psycopg.connect(host=sockets, user="ratings", dbname="ratings", autocommit=True) as seen:
        thread = threading.Thread(target=_look, args=(seen, waits, is_over))
        thread.start()
        try:
            yield waits
        finally:
            is_over.set()
            thread.join()


def _look(seen: psycopg.Connection, waits: LockWaits, is_over: threading.Event) -> None:
    looked = time.monotonic()
    while not is_over.wait(EVERY_SECONDS):
        queries = [query for (query,) in seen.execute(WAITING)]
        now = time.monotonic()
        for query in queries:
            waits.seconds[query] += now - looked  # type: ignore[assignment]
        looked = now
