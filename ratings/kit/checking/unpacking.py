"""From a decoder, a program or a zip, to a folder with `decode` at its top, as the server does it.

What is mended and what is refused, in the server's words.
"""

import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from verdicts import GIB, MIB, Refused, size_words

MOST_MEMBERS = 10_000
MOST_BYTES = 2 * GIB  # unpacked
DEEPEST = 16
LONGEST_NAME_BYTES = 255
LONGEST_PATH_BYTES = 1024
HEAD_BYTES = 4096
MOST_MENDED_BYTES = 16 * MIB
CHUNK_BYTES = 1 << 20
EXECUTABLE, PLAIN = 0o755, 0o644

END_RECORD = struct.Struct("<4s4H2LH")
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
ZIP64_LOCATOR_BYTES = 20
LONGEST_COMMENT = 0xFFFF
DIRECTORY_BYTES_A_MEMBER = 1024
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError,
    OverflowError, RuntimeError, UnicodeError, ValueError,
)  # fmt: skip

MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}  # ELF's e_machine
SERVERS_MACHINE = "x86_64"  # as a server nearly always is, whatever you have at home
RUNNABLE = (2, 3)  # ELF's e_type: executable, or position-independent
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FOREIGN = {
    b"MZ": "a Windows program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a macOS program or a Java class",
    b"PK\3\4": "itself a zip",
    b"\x1f\x8b": "a gzip file",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7-Zip file",
    b"Rar!": "a RAR file",
}
WANTED = "it must be a Linux program, a script, or a zip with such a file named decode at its top"
SHEBANGS = "#!/usr/bin/env python3 or #!/bin/sh"
TOO_MUCH_TO_MEND = (
    f"decode: it has more than {size_words(MOST_MENDED_BYTES)}, too much to be mended; save it "
    "with the line ends of Unix and without a byte order mark."
)


def unpack(
    sent: Path, folder: Path, *, most_bytes: int = MOST_BYTES, machine: str = SERVERS_MACHINE
) -> list[str]:
    """Unpack a decoder into an empty folder; return what was mended, in words.

    Raises Refused with every problem found.
    """
    with sent.open("rb") as file:
        if file.read(4) in (b"PK\3\4", b"PK\5\6"):
            with _open_zip(file) as archive:
                _unpack_zip(archive, folder, most_bytes)
        elif sent.stat().st_size > most_bytes:
            raise Refused(f"decode: it has more than {size_words(most_bytes)}.")
        else:
            shutil.copyfile(sent, folder / "decode")
            (folder / "decode").chmod(EXECUTABLE)
    return _mend(folder / "decode", machine)


# Zips.


def _open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip whose every member is a plain file of its own, or a folder."""
    _check_end_record(file)
    try:
        archive = zipfile.ZipFile(file)
    except UNREADABLE as error:
        raise Refused(f"The archive can't be read as a zip: {error}.") from error
    members = archive.infolist()
    if not members:
        raise Refused("The archive is empty.")
    if len(members) > MOST_MEMBERS:
        raise Refused(f"The archive has more than {MOST_MEMBERS} members.")
    problems = [f"{m.orig_filename!r}: {line}" for m in members for line in _member_problems(m)]
    if problems := problems or _overlaps(archive, file):
        raise Refused(*problems)
    return archive


def _check_end_record(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP64_LOCATOR_BYTES - END_RECORD.size - LONGEST_COMMENT))
    tail = file.read()
    start = tail.rfind(b"PK\5\6")
    if start < 0 or len(tail) - start < END_RECORD.size:
        raise Refused("The archive is no zip, or its end is missing; send it again.")
    _, disk, first_disk, _, count, directory_bytes, _, _ = END_RECORD.unpack_from(tail, start)
    zip64 = tail[max(0, start - ZIP64_LOCATOR_BYTES) : start].startswith(b"PK\6\7")
    if disk or first_disk or zip64:
        raise Refused("Zip64 and split archives are not taken; send one plain zip.")
    if count > MOST_MEMBERS or directory_bytes > MOST_MEMBERS * DIRECTORY_BYTES_A_MEMBER:
        raise Refused(f"The archive has more than {MOST_MEMBERS} members.")


def _member_problems(member: zipfile.ZipInfo) -> Iterator[str]:
    name, kind = member.orig_filename, stat.S_IFMT(member.external_attr >> 16)
    parts = name.removesuffix("/").split("/")
    if not name.isprintable() or "\\" in name or ":" in name or {"", ".", ".."} & set(parts):
        yield "its name must be a plain path inside the archive."
    if member.flag_bits & 0b10_0000_0100_0001:  # encrypted, strongly, or with masked headers
        yield "it is encrypted; send it in the clear."
    if kind not in (0, stat.S_IFDIR if member.is_dir() else stat.S_IFREG):
        yield "it is a link or a device, not a file."
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield "its compression must be deflate, or none."
    if member.is_dir() and member.file_size:
        yield "it is a folder with content."


def _overlaps(archive: zipfile.ZipFile, file: BinaryIO) -> list[str]:
    """Name members that share bytes."""
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
        raise Refused(f"{member.filename!r}: its header is broken.")
    *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
    start = member.header_offset
    return start, start + len(header) + name_bytes + extra_bytes + member.compress_size


def _unpack_zip(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    members = [m for m in archive.infolist() if not m.is_dir() and not _is_litter(m.filename)]
    problems = [*_layout_problems([m.filename for m in members]), *_place_problems(members)]
    if sum(member.file_size for member in members) > most_bytes:
        problems.append(f"The archive unpacks to more than {size_words(most_bytes)}.")
    if problems:
        raise Refused(*problems)
    for member in members:
        _write(archive, member, folder / member.filename)


def _is_litter(name: str) -> bool:
    """Tell what operating systems put into archives of themselves."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1] == ".DS_Store"


def _layout_problems(names: Sequence[str]) -> list[str]:
    """Explain an archive without `decode` at its top by what it has instead."""
    if "decode" in names:
        return []
    for name in names:
        path = PurePosixPath(name)
        if path.parts[0] == "decode":
            return ["decode: it is a folder; the program itself must be named decode."]
        if path.name == "decode":
            return [f"{name!r}: found, but decode must lie at the top of the zip, in no folder."]
        if path.stem.lower() == "decode":
            return [f"{name!r}: found, but the program must be named decode and lie at the top."]
    return ["The archive has no decode at its top; it must be a program, or a script."]


def _place_problems(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Name members that have no place of their own, or one that no file system has."""
    problems, files, folders = [], set[str](), set[str]()
    for member in members:
        path = PurePosixPath(member.filename)
        folders |= {str(parent) for parent in path.parents}
        if member.filename in files:
            problems.append(f"{member.filename!r}: it comes twice; send one of them.")
        if len(path.parts) > DEEPEST:
            problems.append(f"{member.filename[:80]!r}: it lies more than {DEEPEST} folders deep.")
        if max(len(part.encode()) for part in path.parts) > LONGEST_NAME_BYTES:
            problems.append(f"{member.filename[:80]!r}: its name is too long.")
        if len(member.filename.encode()) > LONGEST_PATH_BYTES:
            line = f"its path has more than {LONGEST_PATH_BYTES} bytes."
            problems.append(f"{member.filename[:80]!r}: {line}")
        files.add(member.filename)
    problems += [f"{name!r}: it is both a file and a folder." for name in sorted(files & folders)]
    return problems


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file; programs are executable even where the zip was made without such marks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    start = b""
    try:
        with archive.open(member) as file, target.open("xb") as unpacked:
            while chunk := file.read(CHUNK_BYTES):
                start = start or chunk[:4]
                unpacked.write(chunk)
    except UNREADABLE as error:
        raise Refused(f"{member.filename!r}: it can't be unpacked: {error}.") from error
    marked = bool(member.external_attr >> 16 & 0o100)
    target.chmod(EXECUTABLE if marked or start.startswith((b"#!", b"\x7fELF")) else PLAIN)


# Programs.


def _mend(file: Path, machine: str) -> list[str]:
    """Make `file` one that can be started, and return what was changed, in words."""
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if head.startswith(b"\x7fELF"):
        _check_elf(head, machine)
        notes = []
    else:
        _refuse_foreign(head)
        notes = _mend_script(file, head)
    if not file.stat().st_mode & 0o100:
        notes.append("decode was not marked as executable; that was mended.")
    file.chmod(EXECUTABLE)
    return notes


def _check_elf(head: bytes, machine: str) -> None:
    if len(head) < 20:
        raise Refused("decode: it is cut off after its first bytes; send it again.")
    kind, number = struct.unpack_from("<HH", head, 16)
    built_for = MACHINES.get(number, f"machine {number}")
    if kind not in RUNNABLE:
        raise Refused("decode: it is an object file or a core dump; link it to a program.")
    if built_for != machine:
        raise Refused(f"decode: it is built for {built_for}; build it for {machine}.")


def _refuse_foreign(head: bytes) -> None:
    if not head:
        raise Refused(f"decode: it is empty; {WANTED}.")
    for magic, words in FOREIGN.items():
        if head.startswith(magic):
            raise Refused(f"decode: it is {words}; {WANTED}.")
    if head[257:262] == b"ustar":
        raise Refused(f"decode: it is a tar file; {WANTED}.")
    if b"\0" in head and not head.startswith(b"#!"):  # scripts may carry data behind them
        raise Refused(f"decode: it is neither a Linux program nor a text; {WANTED}.")


def _mend_script(file: Path, head: bytes) -> list[str]:
    """Take off what Windows editors add, and check the first line."""
    notes = []
    if marked := head.startswith(BYTE_ORDER_MARK):
        head = head.removeprefix(BYTE_ORDER_MARK)
        notes.append("decode began with a byte order mark; it was taken off.")
    line = head.partition(b"\n")[0]
    if returned := b"\r" in line:
        line = line.partition(b"\r")[0]
        notes.append("decode had the line ends of Windows; they were changed.")
    _check_first_line(line)
    if (marked or returned) and file.stat().st_size > MOST_MENDED_BYTES:
        raise Refused(TOO_MUCH_TO_MEND)
    if marked or returned:
        text = file.read_bytes().removeprefix(BYTE_ORDER_MARK)
        file.write_bytes(_unix_lines(text) if returned else text)
    return notes


def _unix_lines(text: bytes) -> bytes:
    """Change line ends, all of them in a text, only the first one before data."""
    if b"\0" in text:
        return text.replace(b"\r\n", b"\n", 1)
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _check_first_line(line: bytes) -> None:
    if not line.startswith(b"#!"):
        raise Refused(
            f"decode: it has no first line that names its interpreter; begin with {SHEBANGS}."
        )
    interpreter = line[2:].split()[:1]
    if not interpreter or not interpreter[0].startswith(b"/"):
        shown = line[:80].decode(errors="replace")
        raise Refused(
            f"decode: its first line {shown!r} names no interpreter by its whole path; "
            f"begin with {SHEBANGS}."
        )
