"""The heartbeat of a run that a worker of the site carries out: written to the database."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection

from ratings.database.patience import AWAY
from ratings.sandbox.heartbeats import Heartbeat
from ratings.submissions.models import Run
from ratings.submissions.runs.lease import renew

HEARTBEAT_SECONDS = 1.0


def run_heartbeat(run: Run, now: Callable[[], datetime]) -> Heartbeat:
    """Return the heartbeat of an attempt at a run, which keeps its lease and its log."""

    def beat(log: bytes | None) -> bool | None:
        try:
            return renew(run, now(), log)
        except AWAY:
            connection.close()
            return None

    # Each thread has a connection of its own: it is the heartbeat's that is closed.
    return Heartbeat(beat, HEARTBEAT_SECONDS, close=lambda: connection.close())
