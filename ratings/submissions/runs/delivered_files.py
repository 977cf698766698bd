"""What a worker elsewhere has delivered of a run: contents of the store, each held by a row."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from ratings.storage.content_store import Incoming
from ratings.storage.deletion import discard, keep
from ratings.storage.shelves import CONTENT
from ratings.submissions.models import Delivery, Run

RECORD = "record"  # the name of a file beside the pictures


def keep_file(run: Run, name: str, incoming: Incoming, at: datetime) -> None:
    """Keep a file that was brought; another of its name gives way.

    Its caller holds the run's row. Raises TransactionManagementError outside of a transaction.
    """
    keep(incoming)
    others = run.deliveries.filter(name=name).exclude(sha256=incoming.sha256)
    before = list(others.values_list("sha256", flat=True))
    facts = {"sha256": incoming.sha256, "size_bytes": incoming.size_bytes}
    run.deliveries.update_or_create(name=name, defaults=facts)
    discard(before, at)


def sizes_of(run: Run) -> dict[str, int]:
    """Return the bytes of each picture that was delivered, by its SHA-256."""
    return dict(run.deliveries.exclude(name=RECORD).values_list("sha256", "size_bytes"))


def record_of(run: Run) -> bytes:
    """Return the record that was delivered. Raises Delivery.DoesNotExist or FileNotFoundError."""
    return CONTENT.read(run.deliveries.get(name=RECORD).sha256)


def picture_of(sha256: str, sizes: Mapping[str, int], folder: Path) -> Path:
    """Return a local file of a picture that stays as long as `folder`; none where it isn't here."""
    return CONTENT.link(sha256, folder) if sha256 in sizes else folder / sha256


def forget(rows: QuerySet[Delivery], at: datetime) -> None:
    """Delete rows, and files that nothing else names: only who sent them could read them."""
    with transaction.atomic():
        names = dict(rows.values_list("pk", "sha256"))
        Delivery.objects.filter(pk__in=names).delete()
        discard(names.values(), at)


def forget_ended(at: datetime) -> None:
    """Forget what was delivered of attempts that ended without being judged."""
    forget(Delivery.objects.exclude(run__state=Run.State.RUNNING), at)
