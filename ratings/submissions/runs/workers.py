"""The workers that run decoders, on record: the site's own machines, and those with a token."""

import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.access.tokens import digest
from ratings.challenge.models import AuditEntry
from ratings.challenge.refusals import Refused
from ratings.submissions.models import Run, Worker

PREFIX = "clicworker_"  # lets a scanner for leaked secrets recognise a token
LONGEST_NAME = 100
REMEMBERED = timedelta(days=1)
# Each tells every few seconds what it has, or renews the lease of the run that it carries out.
SILENT = timedelta(seconds=4 * settings.WORKER_DEAD_SECONDS)


def add_worker(name: str, by: str, at: datetime) -> str:
    """Put a worker elsewhere on record, and return its token; it can't be read back later.

    Raises Refused, code "worker", for a name that can't be used.
    """
    name = name.strip()
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
        raise Refused("worker", f"Name the worker, in 1 to {LONGEST_NAME} printable characters.")
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if tokens_in_use().filter(name=name).exists():
            raise Refused("worker", f"There is a worker {name!r}; name this one otherwise.")
        Worker.objects.create(name=name, token_sha256=digest(token), made_by=by, made_at=at)
        record(None, AuditEntry.Kind.WORKER, by, at, subject=name)
    return token


def revoke_worker(worker_id: int, by: str, at: datetime) -> None:
    """Let a worker's token be good no more; what it runs is run by another one.

    Raises Refused, code "worker", where there is no such token.
    """
    with transaction.atomic():
        worker = tokens_in_use().select_for_update().filter(pk=worker_id).first()
        if worker is None:
            raise Refused("worker", "This worker's token was revoked before, or it never had one.")
        worker.revoked_at = at
        worker.save(update_fields=["revoked_at"])
        record(None, AuditEntry.Kind.NO_WORKER, by, at, subject=worker.name)


def tokens_in_use() -> QuerySet[Worker]:
    """Return the workers elsewhere whose token is good."""
    return Worker.objects.filter(token_sha256__isnull=False, revoked_at=None)


def worker_of(token: str) -> Worker | None:
    """Return the worker to which a token was given, as long as it is good."""
    return tokens_in_use().filter(token_sha256=digest(token)).first()


def this_machine(at: datetime, sources: Sequence[str] = (), *, gpu: bool = False) -> Worker:
    """Return the record of the site's own machine that asks, which is heard of by that.

    `sources` are of the environments that it has; none leave it as it was.
    """
    told = {"heard_at": at} | ({"sources": [*sources], "gpu": gpu} if sources else {})
    known, _ = Worker.objects.update_or_create(
        name=socket.gethostname()[:LONGEST_NAME],
        token_sha256=None,
        defaults=told,
        create_defaults={"made_at": at, **told},
    )
    return known


def on_duty(at: datetime) -> QuerySet[Worker]:
    """Return the workers that are heard of, by what they tell or by a run that goes on."""
    since = at - SILENT
    runs = Q(runs__state=Run.State.RUNNING, runs__heartbeat_at__gt=since)
    return Worker.objects.filter(Q(heard_at__gt=since) | runs, revoked_at=None).distinct()


def forget_gone(at: datetime) -> None:
    """Forget the site's own machines that run nothing and were not heard of for a day.

    Containers have another name each; one that waits that long comes back with its next run.
    """
    gone = Worker.objects.filter(token_sha256=None, heard_at__lt=at - REMEMBERED)
    gone.exclude(runs__state=Run.State.RUNNING).delete()


def note(
    worker_id: int | None,
    at: datetime,
    words: str = "",
    environment: Mapping[str, str] | None = None,
    processor: str = "",
) -> None:
    """Note that a worker was heard of, and what it told; what is empty stays as it was."""
    told = {"words": words, "environment": environment, "processor": processor[:200]}
    told = {name: value for name, value in told.items() if value}
    if worker_id is not None:
        Worker.objects.filter(pk=worker_id).update(heard_at=at, **told)


def note_sources(worker: Worker, sources: Sequence[str], *, gpu: bool) -> None:
    """Note which environments a worker elsewhere has, by their sources."""
    if (worker.sources, worker.gpu) != ([*sources], gpu):
        worker.sources, worker.gpu = [*sources], gpu
        worker.save(update_fields=["sources", "gpu"])


def known_workers() -> QuerySet[Worker]:
    """Return all that are or were: those in use first, by their names."""
    return Worker.objects.order_by(F("revoked_at").desc(nulls_first=True), "name", "pk")
