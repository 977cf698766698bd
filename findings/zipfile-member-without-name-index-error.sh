#!/usr/bin/env bash
# CPython 3.11.7's zipfile: a member without a name, as the format allows it, is listed and read, but not asked or shown.
#
# Behaviour  infolist(), testzip() and read() take an archive whose one member has a file name of length zero. is_dir() of
#            that member raises IndexError (string index out of range); so do repr() of it and extractall(), which ask it.
# Guessed    That is_dir() answers False, as the name doesn't end in "/". PKWARE's APPNOTE.TXT has such members: "If input
#            came from standard input, there is no file name field" (4.4.17).
# Bears on   Whoever looks at strangers' archives by is_dir(), or prints a member in an error, fails with a fault of his
#            own on 120 bytes that are valid. Ask the name instead: name.endswith("/").
# Seen       2026-11-29, CPython 3.11.7, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
python3 - <<'PY'
import io
import platform
import struct
import tempfile
import zipfile
import zlib

print("CPython", platform.python_version())
CONTENT = b"from standard input"


def archive(name: bytes) -> zipfile.ZipFile:
    """One stored member, written by hand; APPNOTE 4.3.7, 4.3.12 and 4.3.16."""
    sizes = (zlib.crc32(CONTENT), len(CONTENT), len(CONTENT), len(name))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, *sizes, 0) + name + CONTENT
    central = struct.pack("<4s6H3L5H2L", b"PK\1\2", 0x0314, 20, 0, 0, 0, 33, *sizes, 0, 0, 0, 0, 0o644 << 16, 0)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central + name), len(local), 0)
    return zipfile.ZipFile(io.BytesIO(local + central + name + end))


def tried(what: str, act) -> str:
    try:
        said = repr(act())
    except IndexError as error:
        said = f"IndexError: {error}"
    print(f"    {what}: {said}")
    return said


for name in (b"-", b""):
    print(f"name {name!r}:")
    opened = archive(name)
    (member,) = opened.infolist()
    assert opened.testzip() is None and opened.read(member) == CONTENT
    with tempfile.TemporaryDirectory() as room:
        said = {
            "is_dir()": tried("is_dir()", member.is_dir),
            "repr()": tried("repr()", lambda: repr(member)),
            "extractall()": tried("extractall()", lambda: opened.extractall(room)),
        }
    failed = {what for what in said if said[what].startswith("IndexError")}
    assert failed == (set(said) if name == b"" else set()), "a member without a name is known now"
print("seen: what is read well can't be asked whether it is a folder")
PY
