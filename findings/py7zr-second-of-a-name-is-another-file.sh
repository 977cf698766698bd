#!/usr/bin/env bash
# py7zr 1.1.4: of two members named a.txt the first keeps the name, and the second is extracted as a.txt_0.
#
# Behaviour  getnames() tells a.txt twice, and extractall makes a.txt of the first and a.txt_0, a name that the archive doesn't
#            hold, of the second. A file added to an archive anew, with mode "a", is in a.txt_0, and a.txt stays the old one.
#            zipfile and tarfile extract the last to the name.
# Guessed    That the last member of a name wins, as in the formats beside it, or that a second is refused.
# Bears on   Submissions handed over as archives, corrected by adding a file again: the old one runs, and a file that
#            nobody named lies beside it.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check py7zr==1.1.4
cd "$room"
"$room/venv/bin/python" -W ignore::UserWarning - <<'PY'
import io
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import py7zr

print("py7zr", version("py7zr"))
for text, mode in (("old", "w"), ("new", "a")):
    with py7zr.SevenZipFile("one.7z", mode) as archive:
        archive.writestr(text, "a.txt")
    with zipfile.ZipFile("one.zip", mode) as archive:
        archive.writestr("a.txt", text)
    with tarfile.open("one.tar", mode) as archive:
        member = tarfile.TarInfo("a.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))


def extracted(opened, folder: str) -> dict[str, str]:
    with opened as archive:
        archive.extractall(folder)
    found = {file.name: file.read_text() for file in sorted(Path(folder).iterdir())}
    print(f"{folder}: {found}")
    return found


with py7zr.SevenZipFile("one.7z") as archive:
    names = archive.getnames()
print("names in the archive:", names)
assert names == ["a.txt", "a.txt"]
assert extracted(zipfile.ZipFile("one.zip"), "zip") == extracted(tarfile.open("one.tar"), "tar") == {"a.txt": "new"}
assert extracted(py7zr.SevenZipFile("one.7z"), "7z") == {"a.txt": "old", "a.txt_0": "new"}, "the last wins now"
print("seen: the second of a name is another file")
PY
