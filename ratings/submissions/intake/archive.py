"""A whole submission as one zip: every member belongs somewhere, or nothing is taken."""

import zipfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import BinaryIO

from ratings.challenge.models import Original
from ratings.challenge.receiving import most_words, receive_file
from ratings.challenge.refusals import Refused
from ratings.sandbox.decoders.zips import is_folder, is_litter, open_zip, read_member
from ratings.sandbox.sandbox_errors import FileRefused, shown
from ratings.submissions.intake.ingest import Receipt, save
from ratings.submissions.intake.slots import Checked, Slot, Slots
from ratings.submissions.models import Submission

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
    `ratings.submissions.intake.ingest.put` does.
    """
    with receive_file(chunks, LARGEST_ARCHIVE_BYTES, sha256) as received, ExitStack() as stack:
        try:
            file = stack.enter_context(received.temporary.open("rb"))
            slots = Slots(submission.phase, submission.environment)
            unpacked = _unpack(file, slots, stack)
        except FileRefused as refused:
            raise Refused("archive", *refused.problems) from refused
        return save(submission.pk, unpacked, received_at)


def _place(archive: zipfile.ZipFile, slots: Slots) -> list[tuple[zipfile.ZipInfo, Slot]]:
    """Return where each member belongs. Raises FileRefused with each that belongs nowhere."""
    members = [m for m in archive.infolist() if not is_folder(m) and not is_litter(m.filename)]
    folder = _common_folder(members)
    placed: dict[tuple[str, Original | None], tuple[zipfile.ZipInfo, Slot]] = {}
    problems = [] if members else ["The archive has no files."]
    for member in members:
        try:
            slot = _slot(member.filename.removeprefix(folder), slots)
        except Refused as refused:
            # The slot names a file without its folders; whose name is more is named whole.
            place = f"{shown(member.filename)}: " if "/" in member.filename else ""
            problems.append(f"{place}{refused}")
            continue
        first, _ = placed.setdefault((slot.kind, slot.original), (member, slot))
        if first is not member:
            names = f"{shown(member.filename)}: {shown(first.filename)}"
            problems.append(f"{names} has the same place; send one of them.")
        if member.file_size > slot.limit_bytes:
            most = most_words(slot.limit_bytes, slot.limit_is)
            problems.append(f"{shown(member.filename)}: it has more than {most}.")
    if problems:
        raise FileRefused(*problems)
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


def _unpack(file: BinaryIO, slots: Slots, stack: ExitStack) -> list[Checked]:
    """Unpack and check every member into temporary files that `stack` clears away."""
    # Each system file may come once more for each real one.
    archive = stack.enter_context(open_zip(file, most_members=2 * len(slots) + SPARE_MEMBERS))
    unpacked, problems = [], []
    for member, slot in _place(archive, slots):
        try:
            chunks = read_member(archive, member)
            incoming = stack.enter_context(
                receive_file(chunks, slot.limit_bytes, None, slot.limit_is)
            )
            unpacked.append(slot.check(incoming))
        except (Refused, FileRefused) as refused:
            problems += refused.problems
    if problems:
        raise FileRefused(*problems)
    return unpacked
