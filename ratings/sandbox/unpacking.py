"""From what a team sent, a program or a zip, to a folder with `decode` at its top."""

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ratings.sandbox.limits import DEEPEST, GIB, LONGEST_PATH_BYTES, size_words
from ratings.sandbox.programs import HEAD_BYTES, check_program, is_program, mend_program
from ratings.sandbox.refusals import FileRefused
from ratings.sandbox.zips import is_litter, open_zip, read_member

PROGRAM = "decode"
MOST_MEMBERS = 10_000
MOST_BYTES = 2 * GIB  # unpacked
LONGEST_NAME_BYTES = 255
ZIP_STARTS = (b"PK\3\4", b"PK\5\6")
EXECUTABLE, PLAIN = 0o755, 0o644


@dataclass(frozen=True)
class Decoder:
    """A decoder that can be started; `notes` say in words what was mended."""

    folder: Path
    notes: tuple[str, ...]


def check(sent: Path) -> None:
    """Look at a decoder as `unpack` does, but unpack nothing: what lies in a zip is read by name.

    Raises FileRefused with every problem found.
    """
    size_bytes = sent.stat().st_size
    with sent.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head.startswith(ZIP_STARTS):
            with open_zip(file, most_members=MOST_MEMBERS) as archive:
                _members(archive, MOST_BYTES)
                program = archive.getinfo(PROGRAM)
                head, size_bytes = next(read_member(archive, program), b""), program.file_size
        elif size_bytes > MOST_BYTES:
            raise FileRefused(_too_large(MOST_BYTES))
    check_program(head[:HEAD_BYTES], size_bytes)


def unpack(sent: Path, folder: Path, *, most_bytes: int = MOST_BYTES) -> Decoder:
    """Unpack a decoder into an empty folder.

    Raises FileRefused with every problem found; the folder's content is then of no use.
    """
    with sent.open("rb") as file:
        if file.read(4) in ZIP_STARTS:
            with open_zip(file, most_members=MOST_MEMBERS) as archive:
                _unpack_zip(archive, folder, most_bytes)
        elif sent.stat().st_size > most_bytes:
            raise FileRefused(_too_large(most_bytes))
        else:
            shutil.copyfile(sent, folder / PROGRAM)
            (folder / PROGRAM).chmod(EXECUTABLE)
    return Decoder(folder, tuple(mend_program(folder / PROGRAM)))


def _unpack_zip(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    for member in _members(archive, most_bytes):
        _write(archive, member, folder / member.filename)


def _members(archive: zipfile.ZipFile, most_bytes: int) -> list[zipfile.ZipInfo]:
    """Return the files of a decoder's zip. Raises FileRefused with all that is wrong with them."""
    members = [m for m in archive.infolist() if not m.is_dir() and not is_litter(m.filename)]
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
    with target.open("xb") as file:
        for chunk in read_member(archive, member):
            start = start or chunk[:4]
            file.write(chunk)
    marked = bool(member.external_attr >> 16 & 0o100)
    target.chmod(EXECUTABLE if marked or is_program(start) else PLAIN)
