"""The heartbeat that keeps a run's lease, and the log that comes with it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Any

from django.db import connection, transaction

from ratings.database.patience import AWAY
from ratings.submissions.models import Run
from ratings.submissions.runs.lease import lease_of
from ratings.submissions.runs.lifecycle import log_text

HEARTBEAT_SECONDS = 1.0


class RunHeartbeat:
    """Writes a run's heartbeat and log to the database once a second; knows whether to go on.

    A thread of its own does it: however long the database takes, the limits are watched. While it
    is away the run goes on.
    """

    def __init__(self, run: Run, now: Callable[[], datetime]) -> None:
        self._run, self._now = run, now
        self._log: list[bytes] = []
        self._written = 0
        self._held = True
        self._over = Event()
        self._thread = Thread(target=self._beat_on, name=f"run {run.pk}")

    def __enter__(self) -> "RunHeartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def write(self, data: bytes) -> None:
        """Take what the program printed."""
        self._log.append(data)

    def keep_going(self) -> bool:
        """Tell whether the lease is still held, as of a second ago."""
        return self._held

    def beat(self) -> None:
        """Put on record that the run goes on, and what is new of its log."""
        facts: dict[str, Any] = {"heartbeat_at": self._now()}
        pieces = len(self._log)
        if pieces != self._written:
            facts["log"] = log_text(b"".join(self._log[:pieces]))
        try:
            self._held = self._save(facts)
            self._written = pieces
        except AWAY:
            connection.close()

    def _save(self, facts: Mapping[str, Any]) -> bool:
        """Save the facts unless the lease has ended, or ends just now: then the log is whole."""
        with transaction.atomic():
            held = lease_of(self._run).select_for_update(of=("self",)).only("pk")
            return bool(held and Run.objects.filter(pk=self._run.pk).update(**facts))

    def _beat_on(self) -> None:
        try:
            while self._held and not self._over.wait(HEARTBEAT_SECONDS):
                self.beat()
        except Exception:
            self._held = False  # nothing renews the lease any more: another worker may take it
            raise
        finally:
            connection.close()
