"""A whole submission as one zip: every member belongs somewhere, or nothing is taken."""

import zipfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import BinaryIO

from ratings.challenge.files import Incoming
from ratings.challenge.models import Original
from ratings.challenge.refusals import Refused
from ratings.sandbox.refusals import FileRefused
from ratings.sandbox.zips import is_litter, open_zip, read_member
from ratings.submissions.ingest import Receipt, receive_file, save
from ratings.submissions.models import Submission
from ratings.submissions.slots import Slot, Slots

LARGEST_ARCHIVE_BYTES = (1 << 32) - 1  # what a plain zip can address
FOLDERS = ("decoded", "bitstreams")
SPARE_MEMBERS = 64  # folders and what systems add of themselves


def put_archive(
    submission: Submission,
    chunks: Iterable[bytes],
    *,
    received_at: datetime,
    sha256: str | None = None,
) -> list[Receipt]:
    """Store every file of one zip, or none of them.

    Members are `decoded/NAME.png`, `bitstreams/NAME` and `decoder`, with or without those folders,
    in at most one folder around all. Raises Refused with code "archive", naming the members, or as
    `ratings.submissions.ingest.put` does.
    """
    slots = Slots(submission.phase)
    with (
        receive_file(chunks, LARGEST_ARCHIVE_BYTES, sha256) as received,
        received.temporary.open("rb") as file,
        # Each system file may come once more for each real one.
        _open(file, 2 * len(slots) + SPARE_MEMBERS) as archive,
        ExitStack() as stack,
    ):
        placed = _place(archive, slots)
        return save(submission.pk, _unpack(archive, placed, stack), received_at)


def _open(file: BinaryIO, most_members: int) -> zipfile.ZipFile:
    try:
        return open_zip(file, most_members=most_members)
    except FileRefused as refused:
        raise Refused("archive", *refused.problems) from refused


def _place(archive: zipfile.ZipFile, slots: Slots) -> list[tuple[zipfile.ZipInfo, Slot]]:
    """Return where each member belongs. Raises Refused with each that belongs nowhere, or twice."""
    members = [m for m in archive.infolist() if not m.is_dir() and not is_litter(m.filename)]
    folder = _common_folder(members)
    placed: dict[tuple[str, Original | None], tuple[zipfile.ZipInfo, Slot]] = {}
    problems = [] if members else ["The archive has no files."]
    for member in members:
        try:
            slot = _slot(member.filename.removeprefix(folder), slots)
        except Refused as refused:
            problems.append(f"{member.filename!r}: {refused}")
            continue
        first, _ = placed.setdefault((slot.kind, slot.original), (member, slot))
        if first is not member:
            problems.append(
                f"{member.filename!r}: {first.filename!r} has the same place; send one of them."
            )
        if member.file_size > slot.limit_bytes:
            problems.append(f"{member.filename!r}: it has more than {slot.limit_bytes} bytes.")
    if problems:
        raise Refused("archive", *problems)
    return list(placed.values())


def _common_folder(members: Sequence[zipfile.ZipInfo]) -> str:
    """Return the one folder around all members, with its slash, or ""."""
    first = {member.filename.partition("/")[0] for member in members}
    if len(first) != 1 or first & set(FOLDERS) or any("/" not in m.filename for m in members):
        return ""
    return f"{first.pop()}/"


def _slot(path: str, slots: Slots) -> Slot:
    folder, slash, name = path.rpartition("/")
    if not slash:
        return slots.guess(name)
    if folder == "decoded":
        return slots.find("decoded", name)
    if folder == "bitstreams":
        return slots.find("bitstreams", name)
    raise Refused("unknown-name", f"put it into {' or '.join(FOLDERS)}, or leave it out.")


def _unpack(
    archive: zipfile.ZipFile, placed: Sequence[tuple[zipfile.ZipInfo, Slot]], stack: ExitStack
) -> list[tuple[Slot, Incoming]]:
    """Unpack and check every member into temporary files that `stack` clears away."""
    unpacked, problems = [], []
    for member, slot in placed:
        try:
            chunks = read_member(archive, member)
            incoming = stack.enter_context(receive_file(chunks, slot.limit_bytes, None))
            slot.check(incoming)
            unpacked.append((slot, incoming))
        except (Refused, FileRefused) as refused:
            problems += refused.problems
    if problems:
        raise Refused("archive", *problems)
    return unpacked
