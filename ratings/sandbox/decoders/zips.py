# SPDX-License-Identifier: Apache-2.0
"""Looking at a stranger's zip without trusting it: nothing here writes, or extracts by name.

`zipfile` alone takes overlapping members, links and odd names; all of them are refused here. Names
that come twice are the caller's to judge.
"""

import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import BinaryIO

from ratings.sandbox.sandbox_errors import FileRefused, shown

END_RECORD = struct.Struct("<4s4H2LH")
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
ZIP64_LOCATOR_BYTES = 20
LONGEST_COMMENT = 0xFFFF
DIRECTORY_BYTES_A_MEMBER = 1024
CHUNK_BYTES = 1 << 20
LONGEST_SAID = 120  # characters of an error
THIS_FOLDER = "./"
WINDOWS = (0, 10, 14)  # of what makes zips: FAT, NTFS, VFAT


def open_zip(file: BinaryIO, *, most_members: int) -> zipfile.ZipFile:
    """Open a zip whose every member is a plain file of its own, or a folder.

    Members have the `filename` that is meant: a leading "./" is taken off, and what Windows made
    has slashes. Raises FileRefused with every problem, each naming the member.
    """
    with _reading("The archive can't be read as a zip"):
        _check_end_record(file, most_members)
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
        if not members:
            raise FileRefused("The archive is empty.")
        if len(members) > most_members:
            raise _too_many(most_members)
        for member in members:
            member.filename = _meant(member)
        problems = [line for member in members for line in _member_problems(member)]
        problems = problems or _overlaps(archive, file)
    if problems:
        raise FileRefused(*problems)
    return archive


def is_folder(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a folder; `zipfile` can't tell of a name without a letter."""
    return member.filename.endswith("/")


def is_litter(name: str) -> bool:
    """Tell what operating systems put into archives of themselves."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1] == ".DS_Store"


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's content. Raises FileRefused where it can't be unpacked."""
    with (
        _reading(f"{shown(member.filename)}: it can't be unpacked"),
        archive.open(member) as file,
    ):
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


@contextmanager
def _reading(complaint: str) -> Iterator[None]:
    """Refuse what `zipfile` fails on: there is no end of ways in which bytes may be damaged."""
    try:
        yield
    except FileRefused:
        raise
    except Exception as error:
        said = str(error).rstrip(".")[:LONGEST_SAID] or type(error).__name__
        raise FileRefused(f"{complaint}: {said}; send it again.") from error


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


def _meant(member: zipfile.ZipInfo) -> str:
    """Return the name that a member was to have: some programs write it otherwise."""
    name = member.orig_filename
    if member.create_system in WINDOWS:
        name = name.replace("\\", "/")
    return name if name == THIS_FOLDER else name.removeprefix(THIS_FOLDER)


def _member_problems(member: zipfile.ZipInfo) -> Iterator[str]:
    for problem in _problems(member):
        yield f"{shown(member.orig_filename)}: {problem}"


def _problems(member: zipfile.ZipInfo) -> Iterator[str]:
    name, kind = member.filename, stat.S_IFMT(member.external_attr >> 16)
    folder = is_folder(member)
    if not _is_plain(name):
        between = "; folders are parted by /, not by \\" if "\\" in name else ""
        yield f"its name must be a plain path inside the archive{between}."
    if member.flag_bits & 0b10_0000_0100_0001:  # encrypted, strongly, or with masked headers
        yield "it is encrypted; send it in the clear."
    if kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
        yield "it is a link or a device, not a file."
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield "its compression must be deflate, or none."
    if folder and member.file_size:
        yield "it is a folder with content."


def _is_plain(name: str) -> bool:
    strange = "\\" in name or ":" in name or not name.isprintable()
    odd = {"", ".", ".."} & set(name.removesuffix("/").split("/"))
    return name == THIS_FOLDER or not (strange or odd)


def _overlaps(archive: zipfile.ZipFile, file: BinaryIO) -> list[str]:
    """Name members that share bytes, the trick by which a small archive unpacks to much."""
    spans = sorted((*_span(file, member), member.filename) for member in archive.infolist())
    if spans[0][0] != 0:
        first = shown(spans[0][2])
        return [f"{first}: there are bytes before it; the archive must begin with a member."]
    ends = [*spans, (archive.start_dir, 0, "")]
    return [
        f"{shown(name)}: it shares bytes with another member."
        for (_, end, name), (following, _, _) in pairwise(ends)
        if end > following
    ]


def _span(file: BinaryIO, member: zipfile.ZipInfo) -> tuple[int, int]:
    file.seek(member.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\3\4":
        raise FileRefused(f"{shown(member.filename)}: its header is broken.")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    start = member.header_offset
    return start, start + len(header) + name_bytes + extra_bytes + member.compress_size
