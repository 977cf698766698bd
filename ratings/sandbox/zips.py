"""Looking at a stranger's zip without trusting it: nothing here writes, or extracts by name.

`zipfile` alone takes overlapping members, links and odd names; all of them are refused here. Names
that come twice are the caller's to judge.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from ratings.sandbox.refusals import FileRefused

END_RECORD = struct.Struct("<4s4H2LH")
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
ZIP64_LOCATOR_BYTES = 20
LONGEST_COMMENT = 0xFFFF
DIRECTORY_BYTES_A_MEMBER = 1024
CHUNK_BYTES = 1 << 20
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    UnicodeError,
    ValueError,
)


def open_zip(file: BinaryIO, *, most_members: int) -> zipfile.ZipFile:
    """Open a zip whose every member is a plain file of its own, or a folder.

    Raises FileRefused with every problem, each naming the member.
    """
    _check_end_record(file, most_members)
    try:
        archive = zipfile.ZipFile(file)
    except UNREADABLE as error:
        raise FileRefused(f"The archive can't be read as a zip: {error}.") from error
    members = archive.infolist()
    if not members:
        raise FileRefused("The archive is empty.")
    if len(members) > most_members:
        raise _too_many(most_members)
    problems = [f"{m.orig_filename!r}: {line}" for m in members for line in _member_problems(m)]
    problems = problems or _overlaps(archive, file)
    if problems:
        raise FileRefused(*problems)
    return archive


def is_litter(name: str) -> bool:
    """Tell what operating systems put into archives of themselves."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1] == ".DS_Store"


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's content. Raises FileRefused where it can't be unpacked."""
    try:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except UNREADABLE as error:
        raise FileRefused(f"{member.filename!r}: it can't be unpacked: {error}.") from error


def _check_end_record(file: BinaryIO, most_members: int) -> None:
    """Refuse by the end record alone what would take long to list."""
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP64_LOCATOR_BYTES - END_RECORD.size - LONGEST_COMMENT))
    tail = file.read()
    start = tail.rfind(b"PK\5\6")
    if start < 0 or len(tail) - start < END_RECORD.size:
        raise FileRefused("The archive is no zip, or its end is missing; send it again.")
    _, disk, first_disk, _, count, directory_bytes, _, _ = END_RECORD.unpack_from(tail, start)
    zip64 = tail[max(0, start - ZIP64_LOCATOR_BYTES) : start].startswith(b"PK\6\7")
    if disk or first_disk or zip64:
        raise FileRefused("Zip64 and split archives are not taken; send one plain zip.")
    if count > most_members or directory_bytes > most_members * DIRECTORY_BYTES_A_MEMBER:
        raise _too_many(most_members)


def _too_many(most_members: int) -> FileRefused:
    return FileRefused(f"The archive has more than {most_members} members.")


def _member_problems(member: zipfile.ZipInfo) -> list[str]:
    name, kind = member.orig_filename, stat.S_IFMT(member.external_attr >> 16)
    parts = name.removesuffix("/").split("/")
    problems = []
    if not name.isprintable() or "\\" in name or ":" in name or {"", ".", ".."} & set(parts):
        problems.append("its name must be a plain path inside the archive.")
    if member.flag_bits & 0b10_0000_0100_0001:  # encrypted, strongly, or with masked headers
        problems.append("it is encrypted; send it in the clear.")
    if kind not in (0, stat.S_IFDIR if member.is_dir() else stat.S_IFREG):
        problems.append("it is a link or a device, not a file.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        problems.append("its compression must be deflate, or none.")
    if member.is_dir() and member.file_size:
        problems.append("it is a folder with content.")
    return problems


def _overlaps(archive: zipfile.ZipFile, file: BinaryIO) -> list[str]:
    """Name members that share bytes, the trick by which a small archive unpacks to much."""
    spans = sorted((*_span(file, member), member.filename) for member in archive.infolist())
    if spans[0][0] != 0:
        return [
            f"{spans[0][2]!r}: there are bytes before it; the archive must begin with a member."
        ]
    ends = [*spans, (archive.start_dir, 0, "")]
    return [
        f"{name!r}: it shares bytes with another member."
        for (_, end, name), (following, _, _) in pairwise(ends)
        if end > following
    ]


def _span(file: BinaryIO, member: zipfile.ZipInfo) -> tuple[int, int]:
    file.seek(member.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
        raise FileRefused(f"{member.filename!r}: its header is broken.")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    start = member.header_offset
    return start, start + len(header) + name_bytes + extra_bytes + member.compress_size
