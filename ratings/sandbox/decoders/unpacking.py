# SPDX-License-Identifier: Apache-2.0
"""From what a team sent, a program or a zip, to a folder with `decode` at its top."""

import shutil
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from ratings.sandbox import git_lfs
from ratings.sandbox.decoders.programs import (
    HEAD_BYTES,
    Machine,
    check_program,
    is_program,
    mend_program,
)
from ratings.sandbox.decoders.zips import is_folder, is_litter, open_zip, read_member
from ratings.sandbox.run_limits import DEEPEST, GIB, LONGEST_PATH_BYTES, size_words
from ratings.sandbox.sandbox_errors import FileRefused, shown

PROGRAM = "decode"
MOST_MEMBERS = 10_000
MOST_BYTES = 2 * GIB  # unpacked
MOST_POINTERS = 5  # named
LONGEST_NAME_BYTES = 255
ZIP_STARTS = (b"PK\3\4", b"PK\5\6")
EXECUTABLE, PLAIN = 0o755, 0o644


def check(sent: Path, machine: Machine | None = None) -> list[str]:
    """Look at a decoder as `unpack` does, but unpack nothing: what lies in a zip is read by name.

    Returns what will be mended, and what can't be meant so, in words. Raises FileRefused with every
    problem found.
    """
    size_bytes, here = sent.stat().st_size, machine or Machine.this()
    with sent.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.startswith(ZIP_STARTS):
            with open_zip(file, most_members=MOST_MEMBERS) as archive:
                return _check_zip(archive, here)
        if size_bytes > MOST_BYTES:
            raise FileRefused(_too_large(MOST_BYTES))
    # A file is sent without marks, and is all that its folder will hold.
    return check_program(head, size_bytes, here.beside(PROGRAM.__eq__))


def _check_zip(archive: zipfile.ZipFile, machine: Machine) -> list[str]:
    members = {member.filename: member for member in _members(archive, MOST_BYTES)}
    program = members[PROGRAM]

    def runs(path: str) -> bool:
        return path in members and _is_marked(members[path], _start(archive, members[path]))

    head, marked = _start(archive, program)[:HEAD_BYTES], _is_executable(program)
    notes = check_program(head, program.file_size, machine.beside(runs), executable=marked)
    return notes + _pointer_notes(archive, members.values())


def unpack(
    sent: Path, folder: Path, machine: Machine | None = None, *, most_bytes: int = MOST_BYTES
) -> list[str]:
    """Unpack a decoder into an empty folder; return what `check` does.

    Raises FileRefused with every problem found; the folder's content is then of no use.
    """
    notes: list[str] = []
    with sent.open("rb") as file:
        if file.read(4) in ZIP_STARTS:
            with open_zip(file, most_members=MOST_MEMBERS) as archive:
                notes = _unpack_zip(archive, folder, most_bytes)
        elif sent.stat().st_size > most_bytes:
            raise FileRefused(_too_large(most_bytes))
        else:
            shutil.copyfile(sent, folder / PROGRAM)
            (folder / PROGRAM).chmod(EXECUTABLE)
    return mend_program(folder / PROGRAM, machine) + notes


def _unpack_zip(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> list[str]:
    members = _members(archive, most_bytes)
    for member in members:
        _write(archive, member, folder / member.filename)
    return _pointer_notes(archive, members)


def _pointer_notes(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]) -> list[str]:
    """Name what was packed in place of files that Git LFS has."""
    small = (m for m in members if m.file_size <= git_lfs.LARGEST_BYTES)
    pointers = (m.filename for m in small if git_lfs.is_pointer(_start(archive, m)))
    return [f"{shown(path)} {git_lfs.WORDS}" for path in islice(pointers, MOST_POINTERS)]


def _members(archive: zipfile.ZipFile, most_bytes: int) -> list[zipfile.ZipInfo]:
    """Return the files of a decoder's zip. Raises FileRefused with all that is wrong with them."""
    members = [m for m in archive.infolist() if not is_folder(m) and not is_litter(m.filename)]
    problems = [*_layout_problems(members), *_place_problems(members)]
    if sum(member.file_size for member in members) > most_bytes:
        problems.append(f"The archive unpacks to more than {size_words(most_bytes)}.")
    if problems:
        raise FileRefused(*problems)
    return members


def _too_large(most_bytes: int) -> str:
    return f"decode: it has more than {size_words(most_bytes)}."


def _layout_problems(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Explain an archive without `decode` at its top by what it has instead."""
    names = [member.filename for member in members]
    if PROGRAM in names:
        return []
    for name in names:
        path = PurePosixPath(name)
        if path.parts[0] == "decode":
            return ["decode: it is a folder; the program itself must be named decode."]
        if path.name == "decode":
            return [
                f"{shown(name)}: found, but decode must lie at the top of the zip, in no folder."
            ]
        if path.stem.lower() == "decode":
            return [
                f"{shown(name)}: found, but the program must be named decode and lie at the top."
            ]
    return ["The archive has no decode at its top; it must be a program, or a script."]


def _place_problems(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Name members that have no place of their own, or one that no file system has."""
    problems, files, folders = [], set[str](), set[str]()
    for member in members:
        path = PurePosixPath(member.filename)
        folders |= {str(parent) for parent in path.parents}
        if member.filename in files:
            problems.append(f"{shown(member.filename)}: it comes twice; send one of them.")
        if len(path.parts) > DEEPEST:
            problems.append(f"{shown(member.filename)}: it lies more than {DEEPEST} folders deep.")
        if max(len(part.encode()) for part in path.parts) > LONGEST_NAME_BYTES:
            problems.append(f"{shown(member.filename)}: its name is too long.")
        if len(member.filename.encode()) > LONGEST_PATH_BYTES:
            line = f"its path has more than {LONGEST_PATH_BYTES} bytes."
            problems.append(f"{shown(member.filename)}: {line}")
        files.add(member.filename)
    problems += [
        f"{shown(name)}: it is both a file and a folder." for name in sorted(files & folders)
    ]
    return problems


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file; programs are executable even where the zip was made without such marks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    start = b""
    with target.open("xb") as file:
        for chunk in read_member(archive, member):
            start = start or chunk[:4]
            file.write(chunk)
    # Of the decoder itself it is said where the mark is missing.
    marked = _is_marked(member, start) if member.filename != PROGRAM else _is_executable(member)
    target.chmod(EXECUTABLE if marked else PLAIN)


def _is_marked(member: zipfile.ZipInfo, start: bytes) -> bool:
    """Tell whether a member that begins so will be executable once it is unpacked."""
    return _is_executable(member) or is_program(start)


def _start(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    return next(read_member(archive, member), b"")


def _is_executable(member: zipfile.ZipInfo) -> bool:
    return bool(member.external_attr >> 16 & 0o100)
