"""How long stored files stay: as long as a row names them, and a day longer for who reads them.

Whoever names a file in a row holds its bucket's lock until the row is committed; whoever deletes a
file takes that lock alone, and looks for rows once more. So neither has to wait for so long that
the other must be over.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, product

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from ratings.storage.content_store import Incoming
from ratings.storage.models import Leftover
from ratings.storage.references import named_in, named_of
from ratings.storage.shelves import CONTENT, PARTS, SHELVES, Shelf
from ratings.storage.site_store import the_store
from ratings.storage.store import at_once

# Whoever was sent a file's address, began to download a data set, or copies the files after the
# database, still finds it.
GRACE = timedelta(days=1)
# Keeps these locks apart from all others in the database.
LOCKS = int.from_bytes(b"file", "big")


@dataclass
class FileCount:
    """A number of files and their bytes."""

    files: int = 0
    size_bytes: int = 0

    def add(self, size_bytes: int) -> None:
        """Count one file."""
        self.files += 1
        self.size_bytes += size_bytes


@dataclass
class Survey:
    """What lies on one shelf: all of it, what no row names, and the part of that whose time is up.

    `missing` are names that rows have and no file, in order.
    """

    held: FileCount = field(default_factory=FileCount)
    unneeded: FileCount = field(default_factory=FileCount)
    due: FileCount = field(default_factory=FileCount)
    missing: list[str] = field(default_factory=list)


def keep(*received: Incoming) -> None:
    """Store contents that rows of this transaction name.

    Raises TransactionManagementError outside of a transaction.
    """
    hold(CONTENT, [incoming.sha256 for incoming in received])
    at_once(Incoming.store, received, the_store().threads)


@contextmanager
def brought(received: Collection[Incoming], at: datetime) -> Iterator[None]:
    """Do what takes long of storing contents, before a transaction that keeps them.

    Where that refuses them nothing of them stays, however many somebody sends.
    """
    try:
        at_once(Incoming.bring, received, the_store().threads)
        yield
    except Exception:
        with suppress(DatabaseError):  # it is away; what no row names goes in time
            discard([incoming.sha256 for incoming in received], at)
        raise


def hold(shelf: Shelf, names: Collection[str]) -> None:
    """Let nobody delete these files until this transaction ends, when rows name them.

    Raises TransactionManagementError outside of a transaction.
    """
    for bucket in sorted({name[:2] for name in names}):
        _take("SELECT pg_advisory_xact_lock_shared(%s, %s)", shelf, bucket)
    # In one order, so that nobody waits in a circle.
    leaving = _leftovers(shelf).filter(name__in=names).order_by("name").select_for_update()
    _leftovers(shelf).filter(pk__in=[leftover.pk for leftover in leaving]).delete()


def discard(names: Collection[str], at: datetime) -> None:
    """Delete contents when this transaction ends, but for those that some row names.

    For what only its sender could read; all else has a day more, as has this where the process
    is killed at that moment.
    """
    names = sorted(set(names))
    # Not before: of two transactions that held leftovers each could wait for the other's.
    transaction.on_commit(lambda: _discard(names, at), robust=True)


def survey(shelf: Shelf, at: datetime) -> Survey:
    """Look at every file and every name on a shelf; nothing changes."""
    seen = Survey()
    for part in PARTS:
        _look(shelf, part, at, seen)
    return seen


def note_leftovers(at: datetime) -> None:
    """Let all files that no row names go a day from now, but for what was noted before."""
    for shelf, part in product(SHELVES, PARTS):
        unneeded = shelf.sizes(part).keys() - named_in(shelf, part)
        Leftover.objects.bulk_create(
            [
                Leftover(shelf=shelf.folder, name=name, due_at=at + GRACE)
                for name in sorted(unneeded)
            ],
            ignore_conflicts=True,
        )


def delete_due(at: datetime) -> FileCount:
    """Delete what has had its time; what somebody holds just now comes the next time."""
    deleted = FileCount()
    for shelf in SHELVES:
        names = _leftovers(shelf).filter(due_at__lte=at).values_list("name", flat=True)
        _delete(shelf, list(names), at, deleted.add)
    return deleted


def _look(shelf: Shelf, part: str, at: datetime, seen: Survey) -> None:
    sizes, needed = shelf.sizes(part), named_in(shelf, part)
    over = _leftovers(shelf).filter(name__startswith=part, due_at__lte=at)
    due = set(over.values_list("name", flat=True))
    for name, size_bytes in sizes.items():
        seen.held.add(size_bytes)
        if name not in needed:
            seen.unneeded.add(size_bytes)
            if name in due:
                seen.due.add(size_bytes)
    if not shelf.on_demand:
        missing = sorted(needed - sizes.keys())
        # Once more: they may have been stored while others were counted.
        seen.missing += [name for name in missing if not shelf.has(name)]


def _discard(names: Sequence[str], at: datetime) -> None:
    Leftover.objects.bulk_create(
        [Leftover(shelf=CONTENT.folder, name=name, due_at=at) for name in names],
        update_conflicts=True,
        unique_fields=["shelf", "name"],
        update_fields=["due_at"],
    )
    _delete(CONTENT, names, at)


def _delete(
    shelf: Shelf,
    names: Collection[str],
    at: datetime,
    count: Callable[[int], None] = lambda size_bytes: None,
) -> None:
    for bucket, group in groupby(sorted(names), key=lambda name: name[:2]):
        with transaction.atomic():
            if _take("SELECT pg_try_advisory_xact_lock(%s, %s)", shelf, bucket):
                _delete_alone(shelf, list(group), at, count)


def _delete_alone(
    shelf: Shelf, names: Collection[str], at: datetime, count: Callable[[int], None]
) -> None:
    """Delete files of a bucket that nobody else holds, but for those that are needed again."""
    leaving = _leftovers(shelf).filter(name__in=names, due_at__lte=at)
    # Locked before rows are looked for: what is discarded just now has its turn later.
    over = {leftover.name: leftover.pk for leftover in leaving.select_for_update(skip_locked=True)}
    for name in over.keys() - named_of(shelf, over.keys()):
        size_bytes = shelf.size(name)
        if size_bytes is not None:
            shelf.delete(name)
            count(size_bytes)
    _leftovers(shelf).filter(pk__in=over.values()).delete()


def _leftovers(shelf: Shelf) -> QuerySet[Leftover]:
    return Leftover.objects.filter(shelf=shelf.folder)


def _take(lock: str, shelf: Shelf, bucket: str) -> bool:
    """Take the lock of the names that begin with two digits; tell whether it was had."""
    number = SHELVES.index(shelf) << 8 | int(bucket, 16)
    with connection.cursor() as cursor:
        cursor.execute(lock, [LOCKS, number])
        return cursor.fetchone()[0] is True
