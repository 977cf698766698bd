"""Following a run while it runs: it is kept on record that it lives, and what it prints."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event, Thread
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from ratings.database.patience import AWAY
from ratings.submissions.models import Run, Submission

PULSE_SECONDS = 1.0
# Without a pulse for so long its worker is dead, or can't reach the database.
LIFELESS = timedelta(seconds=settings.WORKER_DEAD_SECONDS)
WANTED = Q(compares=True) | Q(submission__state=Submission.State.QUEUED)


def still_mine(run: Run) -> QuerySet[Run]:
    """Return the run as long as this worker's attempt at it is wanted, else nothing."""
    return Run.objects.filter(WANTED, pk=run.pk, state=Run.State.RUNNING, attempt=run.attempt)


def lives(at: datetime) -> Q:
    """Return what holds of runs that a worker carries out at this instant."""
    return Q(state=Run.State.RUNNING, pulse_at__gt=at - LIFELESS)


class Follower:
    """Writes a run's pulse and log to the database once a second; knows whether to go on.

    A thread of its own does it: however long the database takes, the limits are watched. While it
    is away the run goes on.
    """

    def __init__(self, run: Run, now: Callable[[], datetime]) -> None:
        self._run, self._now = run, now
        self._log: list[bytes] = []
        self._written = 0
        self._wanted = True
        self._over = Event()
        self._thread = Thread(target=self._follow, name=f"run {run.pk}")

    def __enter__(self) -> "Follower":
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
        """Tell whether the run is still wanted, as of a second ago."""
        return self._wanted

    def pulse(self) -> None:
        """Put on record that the run lives, and what is new of its log."""
        facts: dict[str, Any] = {"pulse_at": self._now()}
        pieces = len(self._log)
        if pieces != self._written:
            facts["log"] = as_text(b"".join(self._log[:pieces]))
        try:
            self._wanted = self._save(facts)
            self._written = pieces
        except AWAY:
            connection.close()

    def _save(self, facts: Mapping[str, Any]) -> bool:
        """Save the facts unless the run has ended, or ends just now: then its log is whole."""
        with transaction.atomic():
            mine = still_mine(self._run).select_for_update(of=("self",)).only("pk")
            return bool(mine and Run.objects.filter(pk=self._run.pk).update(**facts))

    def _follow(self) -> None:
        try:
            while self._wanted and not self._over.wait(PULSE_SECONDS):
                self.pulse()
        finally:
            connection.close()


def as_text(log: bytes) -> str:
    """Return bytes as text that the database takes."""
    return log.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
