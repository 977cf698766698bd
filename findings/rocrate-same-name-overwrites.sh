#!/usr/bin/env bash
# rocrate 0.16.0: of two files with one name from two folders, only the last is in the crate, without a word.
#
# Behaviour  add_file('one/picture.png') and add_file('two/picture.png') both go to picture.png at the crate's root, as
#            the folder isn't kept. Both calls return an entity and warn of nothing; the written crate has one file and
#            one entry.
# Guessed    That the path below the working folder is kept, or that a second file of one name is refused.
# Bears on   Publishing decoded pictures by method, where each folder holds the same names: all but one method vanish.
#            dest_path has to be given.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check rocrate==0.16.0
"$room/venv/bin/python" - <<'PY'
import json
import os
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

from rocrate.rocrate import ROCrate

warnings.simplefilter("error", UserWarning)
print("rocrate", version("rocrate"))
with tempfile.TemporaryDirectory() as room:
    os.chdir(room)

    def published(keep: bool, target: str) -> list[str]:
        crate = ROCrate()
        for method in ("one", "two"):
            Path(method).mkdir(exist_ok=True)
            Path(method, "picture.png").write_text(f"by {method}")
            crate.add_file(f"{method}/picture.png", dest_path=f"{method}/picture.png" if keep else None)
        crate.write(target)
        graph = json.loads(Path(target, "ro-crate-metadata.json").read_text())["@graph"]
        entries = [entry["@id"] for entry in graph if entry["@type"] == "File"]
        files = sorted(path.read_text() for path in Path(target).rglob("*.png"))
        print(f"dest_path {'given' if keep else 'left out'}: entries {entries}, files {files}")
        return files

    kept, plain = published(True, "kept"), published(False, "plain")
    os.chdir("/")
assert kept == ["by one", "by two"]
assert plain == ["by two"], "both files are kept now"
print("seen: the second file has taken the first one's place")
PY
