"""The queues of decoders, one for each kind of environment: a worker takes those that it can run.

A run whose environment no worker has waits in a queue that nobody takes, and holds up no other.
"""

import asyncio
import logging
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from ratings.sandbox.environments.recipes import USUAL
from ratings.sandbox.sources import is_image
from ratings.submissions.runs import site_sources, workers

DECODING = "decoding"
LOOK_SECONDS = 20.0
SHORT_DIGEST = 12  # the name of a channel that tells of a queue has room for no more
_log = logging.getLogger(__name__)


def queue_of(source: str, *, gpu: bool) -> str:
    """Return the queue of runs in an environment of this source: the usual one's is "decoding"."""
    if source == USUAL and not gpu:
        return DECODING
    digest = source.rpartition("@")[2]
    name = digest[: len("sha256:") + SHORT_DIGEST] if is_image(source) else source
    return f"{DECODING} {name} gpu" if gpu else f"{DECODING} {name}"


def taken_queues(queues: Sequence[str]) -> list[str]:
    """Return the queues that a worker takes of those it is started for, as its machine is now.

    A worker that takes decoders also takes those of each environment that its machine has, which
    is put on record.
    """
    if DECODING not in queues:
        return [*queues]
    here = site_sources.machine_sandboxes()
    sources, gpu = here.sources(site_sources.named_images()), here.has_gpu
    workers.this_machine(timezone.now(), sources, gpu=gpu)
    own = [queue_of(one, gpu=wanted) for one in sources for wanted in {False, gpu}]
    return [*queues, *(queue for queue in own if queue != DECODING)]


async def keep_looking(queues: Sequence[str], taken: list[str]) -> None:
    """Keep `taken` as `taken_queues` has it, while environments are made or removed."""
    while DECODING in queues:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            taken[:] = await asyncio.to_thread(_look, queues)
        except (DatabaseError, InterfaceError, OSError) as error:
            _log.warning("Which environments are here can't be seen; it is tried again. %s", error)


def _look(queues: Sequence[str]) -> list[str]:
    try:
        return taken_queues(queues)
    finally:
        connection.close()
