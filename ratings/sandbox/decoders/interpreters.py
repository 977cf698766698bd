# SPDX-License-Identifier: Apache-2.0
"""Whether what starts a program is there: its interpreter, or the loader of its libraries."""

import posixpath
import shlex
import struct
from collections.abc import Callable
from pathlib import PurePosixPath

# Tells whether a program is there where decoders run, by its path or, without "/", by its name.
Finds = Callable[[str], bool]
ELF = b"\x7fELF"
WORK = "/work"  # where a decoder's own files lie
# Of ELF's head and of a program header, by its class: 32 or 64 bits.
HEADS = {
    b"\1": (struct.Struct("<28xL10x2H"), struct.Struct("<2L8xL")),
    b"\2": (struct.Struct("<32xQ14x2H"), struct.Struct("<L4xQ16xQ")),
}
LOADER = 3  # type of the program header that names it
MOST_SHOWN = 80


def beside(finds: Finds, own: Callable[[str], bool]) -> Finds:
    """Return what finds a decoder's own programs too.

    `own` tells whether one is there by its path from the decoder's folder, in which it starts.
    """

    def found(program: str) -> bool:
        path = _whole(program)
        return own(path.removeprefix(f"{WORK}/")) if _is_own(path) else finds(path)

    return found


def _whole(program: str) -> str:
    """Return where a program lies, seen from the decoder's folder; a name without "/" as it is."""
    return posixpath.normpath(posixpath.join(WORK, program)) if "/" in program else program


def _is_own(path: str) -> bool:
    return path.startswith(f"{WORK}/")


def missing_interpreter(head: bytes, finds: Finds) -> str:
    """Return what is missing to start a program that begins so, and the cure; "" if nothing is.

    `finds` is asked for interpreters of the decoder's own too: see `beside`.
    """
    if head.startswith(ELF):
        return _missing_loader(_loader(head), finds)
    words = head.partition(b"\n")[0].decode(errors="replace").removeprefix("#!").split(maxsplit=1)
    interpreter, rest = words[0], words[1].strip() if len(words) > 1 else ""
    if not _is_there(interpreter, finds):
        return _not_there(interpreter)
    if PurePosixPath(interpreter).name == "env" and rest:
        return _missing_for_env(rest, finds)
    return ""


def _missing_loader(loader: str, finds: Finds) -> str:
    if not loader or _is_there(loader, finds):
        return ""
    return (
        f"decode: it was linked for the loader {loader[:MOST_SHOWN]!r}, which is not there where "
        "decoders run; link it statically, or for glibc."
    )


def _missing_for_env(rest: str, finds: Finds) -> str:
    """Judge what follows /usr/bin/env in a first line: Linux hands it over as one word."""
    if rest.startswith(("-S", "--split-string")):
        words = _split(rest.removeprefix("--split-string").removeprefix("-S").removeprefix("="))
        program = next((word for word in words if "=" not in word), "")
        known = not program.startswith("-")
    else:
        program, known = rest, not rest.startswith("-") and "=" not in rest
    if not known or not program or _is_there(program, finds):
        return ""
    if " " in program and _is_there(program.split()[0], finds):
        return (
            f"decode: its first line hands {program[:MOST_SHOWN]!r} to env as one word; begin with "
            "#!/usr/bin/env -S to hand over several."
        )
    return _not_there(program)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return []


def _is_there(program: str, finds: Finds) -> bool:
    return "\0" not in program and finds(program)


def _not_there(program: str) -> str:
    if _is_own(_whole(program)):
        return (
            f"decode: its first line names {program[:MOST_SHOWN]!r}, and no program of the decoder "
            "lies there; add it to the zip, or begin with #!/usr/bin/env python3 or #!/bin/sh."
        )
    return (
        f"decode: its first line names {program[:MOST_SHOWN]!r}, and where decoders run there is "
        "no such program; begin with #!/usr/bin/env python3 or #!/bin/sh."
    )


def _loader(head: bytes) -> str:
    """Return the path of the loader that an ELF file names near its beginning, or ""."""
    try:
        whole, header = HEADS[head[4:5]]
        place, size, count = whole.unpack_from(head)
        for number in range(count):
            kind, start, length = header.unpack_from(head, place + number * size)
            if kind == LOADER and start + length <= len(head):
                return head[start : start + length].partition(b"\0")[0].decode(errors="replace")
    except (KeyError, OverflowError, struct.error):
        pass  # cut off, or not what it says: Linux will tell
    return ""
