"""Picture files on their way into a data set: sent one by one, each with what becomes of it.

They are no originals until all sound ones are taken in at once (`comparisons.study.whole_dataset`).
"""

import hashlib
import os
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ratings.challenge.keys.retention import retention
from ratings.challenge.models import Challenge, Dataset, StagedFile
from ratings.challenge.pictures.originals import FACTS, Picture, hold_files, store_picture
from ratings.challenge.receiving import receive_file
from ratings.challenge.refusals import Refused
from ratings.imaging.picture_plans import FitNames, PicturePlan
from ratings.imaging.pixels import PictureRefused
from ratings.imaging.preparing import Prepared, prepare
from ratings.storage.content_store import Incoming
from ratings.storage.deletion import FileCount, discard

# More than any picture of as many pixels as are taken has, but for uncompressed ones of 16 bits.
LARGEST_BYTES = 256 << 20
LONGEST_NAME = 300


def _give_way() -> None:
    """Let all other threads go first, where the system knows priorities of threads."""
    thread = threading.get_native_id()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + 10)


# Seconds of computing for each picture: one at a time in each process, and behind all else that
# the web server does, however many are sent at once.
_PREPARING = ThreadPoolExecutor(1, "preparing", _give_way)


@dataclass(frozen=True)
class PlannedFile:
    """A staged file, what becomes of it, and what that does to the data set.

    `effect` is "new", "replaces", "same" (it is there already), or "" where it is refused.
    """

    file: StagedFile
    plan: PicturePlan
    effect: str

    @property
    def picture(self) -> Picture:
        """The facts of the original that a sound file becomes."""
        facts = {fact: getattr(self.file, fact) for fact in FACTS}
        return Picture(**facts | {"name": self.plan.name})


@dataclass(frozen=True)
class Overview:
    """All that is staged of a data set; `digest` is another one once any of it has changed.

    `others` are the names of its pictures that no staged file becomes.
    """

    files: Sequence[PlannedFile]
    others: Sequence[str]
    digest: str

    def count(self, effect: str) -> int:
        """Return how many files have this effect."""
        return sum(one.effect == effect for one in self.files)

    @property
    def sound(self) -> list[PlannedFile]:
        """The files that can be taken in."""
        return [one for one in self.files if not one.plan.problem]


def overview(dataset: Dataset) -> Overview:
    """Look at all that is staged, in the order of names."""
    there = dict(dataset.originals.values_list("name", "sha256"))
    rows = sorted(dataset.staged_files.all(), key=lambda row: row.name)
    names = FitNames(row.name for row in rows)
    files = [_staged(row, names, there) for row in rows]
    taken = {one.plan.name for one in files}
    facts = [(row.name, row.sent_sha256) for row in rows]
    digest = hashlib.sha256(repr([facts, sorted(there.items())]).encode()).hexdigest()
    return Overview(files, [name for name in there if name not in taken], digest)


def stage(
    dataset: Dataset,
    name: str,
    chunks: Iterable[bytes],
    at: datetime,
    *,
    by: str,
    sha256: str | None = None,
) -> tuple[StagedFile, bool]:
    """Store a picture file as it comes, or another one in its place; tell whether it is new.

    `sha256` is what the sender says the content's digest is. A file that is no picture that can be
    taken is noted with the reason, and not kept. Raises Refused with code "picture-name",
    "too-large", "digest-mismatch" or "staged"; nothing is changed then.
    """
    name = given_name(name)
    with receive_file(chunks, LARGEST_BYTES, sha256) as incoming:
        picture, found = _read(name, incoming)
    found |= {fact: getattr(picture, fact, None) for fact in FACTS if fact != "name"}
    found |= {"sent_bytes": incoming.size_bytes, "sent_sha256": incoming.sha256}
    with transaction.atomic():
        lock_dataset(dataset.pk)
        before = dataset.staged_files.filter(name=name).first()
        if picture:
            hold_files([picture])
        row, is_new = StagedFile.objects.update_or_create(
            dataset=dataset, name=name, defaults=found | {"sent_at": at, "by": by}
        )
        if before:
            discard(_files([before]) - _files([row]), at)
    return row, is_new


def unstage(dataset: Dataset, name: str, at: datetime) -> int:
    """Delete a staged file; return how many there were."""
    return _delete(dataset.staged_files.filter(name=given_name(name)), at).files


def unstage_all(dataset: Dataset, at: datetime) -> int:
    """Delete all that is staged; return how many files there were."""
    return _delete(dataset.staged_files.all(), at).files


def delete_expired(now: datetime) -> FileCount:
    """Delete what was staged and not taken in for as long as the challenges' retention says."""
    deleted = FileCount()
    for rows in _expired(now):
        gone = _delete(rows, now)
        deleted.files += gone.files
        deleted.size_bytes += gone.size_bytes
    return deleted


def count_expired(now: datetime) -> FileCount:
    """Return what `delete_expired` would delete."""
    return _counted(row for rows in _expired(now) for row in rows)


def lock_dataset(pk: int) -> Dataset:
    """Return a data set, locked: what is staged for it and taken in is so in one order.

    Raises Refused, code "staged", where it is gone.
    """
    found = Dataset.objects.filter(pk=pk).select_for_update(no_key=True).first()
    if found is None:
        raise Refused("staged", "The data set was dropped meanwhile; nothing is staged for it.")
    return found


def given_name(name: str) -> str:
    """Return a file's name as it is kept: composed (NFC), with its folders.

    Raises Refused, code "picture-name".
    """
    parts = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")
    kept = "/".join(part for part in parts if part not in ("", ".", ".."))
    if not kept or not kept.isprintable() or len(kept) > LONGEST_NAME or name.endswith("/"):
        raise Refused(
            "picture-name",
            f"A file's name, with its folders, has 1 to {LONGEST_NAME} characters that can be "
            "printed; rename it.",
        )
    return kept


def _staged(row: StagedFile, names: FitNames, there: dict[str, str]) -> PlannedFile:
    if row.problem:
        return PlannedFile(row, PicturePlan(problem=row.problem), "")
    plan = names.plan(row.name, row.changes)
    same = there.get(plan.name) == row.sha256
    return PlannedFile(row, plan, "same" if same else "replaces" if plan.name in there else "new")


def _read(name: str, incoming: Incoming) -> tuple[Picture | None, dict[str, Any]]:
    """Store the picture that a file becomes, if it becomes one; return it, and what is said."""
    try:
        prepared = _prepared(incoming.temporary.read_bytes())
        picture = store_picture(name, prepared.png)
    except PictureRefused as error:
        return None, {"problem": str(error), "changes": [], "exact": True}
    return picture, {"problem": "", "changes": prepared.changes, "exact": prepared.exact}


def _prepared(content: bytes) -> Prepared:
    """Prepare a picture when its turn comes. Raises PictureRefused."""
    return _PREPARING.submit(prepare, content).result()


def _expired(now: datetime) -> Iterator[QuerySet[StagedFile]]:
    for challenge in Challenge.objects.order_by("pk"):
        over = now - retention(challenge.retention, "staged_days")
        yield StagedFile.objects.filter(dataset__challenge=challenge, sent_at__lte=over)


def _delete(rows: QuerySet[StagedFile], at: datetime) -> FileCount:
    """Delete rows as they are once they are locked: one that was sent again just now may stay."""
    with transaction.atomic():
        found = list(rows.order_by("pk").select_for_update(of=["self"]))
        discard(_files(found), at)
        StagedFile.objects.filter(pk__in=[row.pk for row in found]).delete()
    return _counted(found)


def _counted(rows: Iterable[StagedFile]) -> FileCount:
    counted = FileCount()
    for row in rows:
        counted.add(row.size_bytes or 0)
    return counted


def _files(rows: Iterable[StagedFile]) -> set[str]:
    return {file for row in rows for file in (row.sha256, row.samples_sha256) if file}
