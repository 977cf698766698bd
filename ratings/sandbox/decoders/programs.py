# SPDX-License-Identifier: Apache-2.0
"""Telling whether a file can be started on this machine: mended where possible, else explained."""

import os
import platform
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ratings.sandbox import git_lfs
from ratings.sandbox.decoders.interpreters import ELF, Finds, beside, missing_interpreter
from ratings.sandbox.run_limits import MIB, size_words
from ratings.sandbox.sandbox_errors import FileRefused

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
NOT_MARKED = "decode was not marked as executable; that was mended."
TOO_MUCH_TO_MEND = (
    f"decode: it has more than {size_words(MOST_MENDED_BYTES)}, too much to be mended; save it "
    "with the line ends of Unix and without a byte order mark."
)


def is_program(head: bytes) -> bool:
    """Tell whether a file that begins so is meant to be executed."""
    return head.startswith((b"#!", ELF))


@dataclass(frozen=True)
class Machine:
    """Where programs are to run: its kind, as `uname -m` names it, and what it has."""

    kind: str
    finds: Finds

    @classmethod
    def this(cls, finds: Finds = lambda program: True) -> "Machine":
        """Return one of this machine's kind; it has everything, as far as is known."""
        return cls(platform.machine(), finds)

    def beside(self, own: Callable[[str], bool]) -> "Machine":
        """Return the machine with a decoder's folder; `own` is asked for programs in there."""
        return replace(self, finds=beside(self.finds, own))


def check_program(
    head: bytes, size_bytes: int, machine: Machine, *, executable: bool = True
) -> list[str]:
    """Check that a file of `size_bytes` that begins with `head` can be started, once it is mended.

    `head` is its first HEAD_BYTES, or all of it. Returns what is to be mended, in words. Raises
    FileRefused saying what the file is instead, or what is missing to start it.
    """
    if head.startswith(ELF):
        _check_elf(head, machine.kind)
        begins, notes = head, []
    else:
        _refuse_foreign(head)
        begins, notes = _first_line(head), _script_notes(head)
        _check_first_line(begins)
        if notes and size_bytes > MOST_MENDED_BYTES:
            raise FileRefused(TOO_MUCH_TO_MEND)
    if missing := missing_interpreter(begins, machine.finds):
        raise FileRefused(missing)
    return notes + ([] if executable else [NOT_MARKED])


def mend_program(file: Path, machine: Machine | None = None) -> list[str]:
    """Make `file` one that can be started, and return what was changed, in words.

    Raises FileRefused as `check_program` does.
    """
    status = file.stat()
    machine = (machine or Machine.this()).beside(lambda path: _is_runnable(file.parent, path))
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    notes = check_program(head, status.st_size, machine, executable=bool(status.st_mode & 0o100))
    if set(notes) - {NOT_MARKED}:
        _mend_script(file, head)
    file.chmod(0o755)
    return notes


def _is_runnable(folder: Path, path: str) -> bool:
    file = os.path.join(folder, path)  # noqa: PTH118, Path can't bear every name that is asked
    return os.path.isfile(file) and os.access(file, os.X_OK)  # noqa: PTH113


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
    if git_lfs.is_pointer(head):
        raise FileRefused(f"decode: it {git_lfs.WORDS}")
    for magic, words in FOREIGN.items():
        if head.startswith(magic):
            raise FileRefused(f"decode: it is {words}; {WANTED}.")
    if head[257:262] == b"ustar":
        raise FileRefused(f"decode: it is a tar file; {WANTED}.")
    if b"\0" in head and not head.startswith(b"#!"):  # scripts may carry data behind them
        raise FileRefused(f"decode: it is neither a Linux program nor a text; {WANTED}.")


def _script_notes(head: bytes) -> list[str]:
    marked = "decode began with a byte order mark; it was taken off."
    returned = "decode had the line ends of Windows; they were changed."
    return [marked] * _is_marked(head) + [returned] * _has_returns(head)


def _mend_script(file: Path, head: bytes) -> None:
    """Take off what Windows editors add."""
    text = file.read_bytes().removeprefix(BYTE_ORDER_MARK)
    file.write_bytes(_unix_lines(text) if _has_returns(head) else text)


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
