"""A worker that outlives the database: while that is away it waits, and then it goes on.

What its tasks queue is queued with the transaction that they queue it in, as everywhere else.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, LiteralString

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from ratings.database.base import is_pooled
from ratings.jobs.decoding_queues import keep_looking, taken_queues
from ratings.jobs.vital_signs import WAITING, WORKING, VitalSigns

PAUSE_SECONDS = 1.0
# Without a connection for so long the database is away.
ANSWER_SECONDS = 10.0
# As the queue's own connections say it, and as Django's do.
AWAY = (ConnectorException, psycopg.OperationalError, DatabaseError, InterfaceError)
logger = logging.getLogger(__name__)


class WorkerConnector(PsycopgConnector):
    """The queue's own connections, by which a worker takes jobs, ends them, and looks at the clock.

    What a task queues goes by Django's connection: else another worker may take a job of rows that
    are not committed yet, and it stays where they are rolled back.
    """

    def __init__(self, signs: VitalSigns) -> None:
        self._signs = signs
        # One job at a time, and a heartbeat beside it.
        super().__init__(kwargs=connector_params(), timeout=ANSWER_SECONDS, min_size=1, max_size=2)

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Ask for nothing, as jobs that end and heartbeats do."""
        with self._signs.asking():
            await super().execute_query_async(query, **arguments)

    async def execute_query_one_async(
        self, query: LiteralString, **arguments: Any
    ) -> dict[str, Any]:
        """Ask for one row, such as the next job."""
        with self._signs.asking():
            row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
        return row

    async def execute_query_all_async(
        self, query: LiteralString, **arguments: Any
    ) -> list[dict[str, Any]]:
        """Ask for rows."""
        with self._signs.asking():
            rows: list[dict[str, Any]] = await super().execute_query_all_async(query, **arguments)
        return rows

    def get_sync_connector(self) -> BaseConnector:
        """Return what tasks queue by."""
        return DjangoConnector()


def work(
    queues: Sequence[str], require_fitness: Callable[[], None], signs: VitalSigns | None = None
) -> None:
    """Take jobs of the queues until SIGTERM or SIGINT; the job under way is ended first.

    Each time that the database is there, `require_fitness` may raise what ends the worker.
    """
    signs = signs or VitalSigns(None)
    with app.replace_connector(WorkerConnector(signs)):
        asyncio.run(_work(queues, require_fitness, signs))


async def _work(
    queues: Sequence[str], require_fitness: Callable[[], None], signs: VitalSigns
) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    telling = asyncio.create_task(signs.keep_telling())
    try:
        await _work_until(told, lambda: _shift(queues, require_fitness, signs), signs)
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _work_until(
    told: asyncio.Event, begin: Callable[[], Coroutine[Any, Any, None]], signs: VitalSigns
) -> None:
    until_told = asyncio.create_task(told.wait())
    while not told.is_set():
        shift = asyncio.create_task(begin())
        await asyncio.wait([shift, until_told], return_when=asyncio.FIRST_COMPLETED)
        shift.cancel()  # if it was told to stop; then it ends its job first
        (ended,) = await asyncio.gather(shift, return_exceptions=True)
        if told.is_set():
            return
        if isinstance(ended, BaseException) and not isinstance(ended, AWAY):
            raise ended
        signs.be(WAITING)
        logger.warning("The database went away; this worker goes on when it is back. %s", ended)
        await asyncio.wait([until_told], timeout=PAUSE_SECONDS)


async def _shift(
    queues: Sequence[str], require_fitness: Callable[[], None], signs: VitalSigns
) -> None:
    """Work until the database is lost: the queue's worker then returns, or raises one of AWAY."""
    pooled, taken = await asyncio.to_thread(_wake_database, queues, require_fitness)
    async with app.open_async():
        signs.be(WORKING)
        looking = asyncio.create_task(keep_looking(queues, taken))
        try:
            await app.run_worker_async(
                queues=taken,  # which queue a job is fetched of is read each time
                delete_jobs="successful",
                install_signal_handlers=False,
                listen_notify=not pooled,  # nobody would be notified; every 5 s it looks for itself
            )
        finally:
            looking.cancel()


def _wake_database(
    queues: Sequence[str], require_fitness: Callable[[], None]
) -> tuple[bool, list[str]]:
    """Start the embedded cluster if it is down; the queue's own connections can't do that.

    Tell whether a pooler stands before the database, and which queues are to be taken here.
    """
    try:
        pooled = is_pooled()
        require_fitness()
        return pooled, taken_queues(queues)
    finally:
        connection.close()
