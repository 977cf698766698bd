"""Telling whether a file can be started on this machine: mended where possible, else explained."""

import platform
import struct
from pathlib import Path

from ratings.sandbox.limits import MIB, size_words
from ratings.sandbox.refusals import FileRefused

ELF = b"\x7fELF"
HEAD_BYTES = 4096
MOST_MENDED_BYTES = 16 * MIB  # mending holds the whole file in memory
MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}  # ELF's e_machine
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


def is_program(head: bytes) -> bool:
    """Tell whether a file that begins so is meant to be executed."""
    return head.startswith((b"#!", ELF))


def check_program(head: bytes, size_bytes: int, machine: str | None = None) -> None:
    """Check that a file of `size_bytes` that begins with `head` can be started, once it is mended.

    `head` is its first HEAD_BYTES, or all of it; `machine` is named as by `uname -m`. Raises
    FileRefused saying what the file is instead.
    """
    if head.startswith(ELF):
        _check_elf(head, machine or platform.machine())
    else:
        _refuse_foreign(head)
        _check_first_line(_first_line(head))
        if size_bytes > MOST_MENDED_BYTES and (_is_marked(head) or _has_returns(head)):
            raise FileRefused(TOO_MUCH_TO_MEND)


def mend_program(file: Path, machine: str | None = None) -> list[str]:
    """Make `file` one that can be started, and return what was changed, in words.

    Raises FileRefused as `check_program` does.
    """
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    check_program(head, file.stat().st_size, machine)
    notes = [] if head.startswith(ELF) else _mend_script(file, head)
    if not file.stat().st_mode & 0o100:
        notes.append("decode was not marked as executable; that was mended.")
    file.chmod(0o755)
    return notes


def _check_elf(head: bytes, machine: str) -> None:
    if len(head) < 20:
        raise FileRefused("decode: it is cut off after its first bytes; send it again.")
    kind, number = struct.unpack_from("<HH", head, 16)
    built_for = MACHINES.get(number, f"machine {number}")
    if kind not in RUNNABLE:
        raise FileRefused("decode: it is an object file or a core dump; link it to a program.")
    if built_for != machine:
        raise FileRefused(f"decode: it is built for {built_for}; build it for {machine}.")


def _refuse_foreign(head: bytes) -> None:
    if not head:
        raise FileRefused(f"decode: it is empty; {WANTED}.")
    for magic, words in FOREIGN.items():
        if head.startswith(magic):
            raise FileRefused(f"decode: it is {words}; {WANTED}.")
    if head[257:262] == b"ustar":
        raise FileRefused(f"decode: it is a tar file; {WANTED}.")
    if b"\0" in head and not head.startswith(b"#!"):  # scripts may carry data behind them
        raise FileRefused(f"decode: it is neither a Linux program nor a text; {WANTED}.")


def _mend_script(file: Path, head: bytes) -> list[str]:
    """Take off what Windows editors add."""
    notes = []
    if marked := _is_marked(head):
        notes.append("decode began with a byte order mark; it was taken off.")
    if returned := _has_returns(head):
        notes.append("decode had the line ends of Windows; they were changed.")
    if marked or returned:
        text = file.read_bytes().removeprefix(BYTE_ORDER_MARK)
        file.write_bytes(_unix_lines(text) if returned else text)
    return notes


def _is_marked(head: bytes) -> bool:
    return head.startswith(BYTE_ORDER_MARK)


def _has_returns(head: bytes) -> bool:
    return b"\r" in head.partition(b"\n")[0]


def _first_line(head: bytes) -> bytes:
    """Return a script's first line as it is once mended."""
    line = head.removeprefix(BYTE_ORDER_MARK).partition(b"\n")[0]
    return line.partition(b"\r")[0]


def _unix_lines(text: bytes) -> bytes:
    """Change line ends, all of them in a text, only the first one before data."""
    if b"\0" in text:
        return text.replace(b"\r\n", b"\n", 1)
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _check_first_line(line: bytes) -> None:
    if not line.startswith(b"#!"):
        raise FileRefused(
            f"decode: it has no first line that names its interpreter; begin with {SHEBANGS}."
        )
    interpreter = line[2:].split()[:1]
    if not interpreter or not interpreter[0].startswith(b"/"):
        shown = line[:80].decode(errors="replace")
        raise FileRefused(
            f"decode: its first line {shown!r} names no interpreter by its whole path; "
            f"begin with {SHEBANGS}."
        )
