#!/usr/bin/env bash
# webdataset 1.0.2: jpeg-0.5.png and jpeg-0.7.png are one sample named jpeg-0, with the fields 5.png and 7.png.
#
# Behaviour  A sample's key ends at the first dot of the file's own name, and all that follows is the name of a field.
#            Pictures whose names hold a rate, a version or a distance are merged by the number before the point; a dot
#            in a folder's name does no harm. A file without a dot is left out. Nothing is said of either.
# Guessed    That the last dot parts name and type, as os.path.splitext has it, and that no file of the archive vanishes.
# Bears on   Decoded pictures published as shards, named by method and bpp: one sample for all rates, and decoders of
#            fields that look for "png" find none.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 webdataset==1.0.2
cd "$room"
"$room/venv/bin/python" - <<'PY'
import io
import tarfile
from importlib.metadata import version

import webdataset

print("webdataset", version("webdataset"))


def samples(*names: str) -> list[tuple[str, list[str]]]:
    with tarfile.open("shard.tar", "w") as shard:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 1
            shard.addfile(member, io.BytesIO(b"1"))
    read = webdataset.WebDataset("shard.tar", shardshuffle=False)
    found = [(each["__key__"], sorted(key for key in each if key[0] != "_")) for each in read]
    print(names, "->", found)
    return found


assert samples("one.png", "one.cls", "two.png") == [("one", ["cls", "png"]), ("two", ["png"])]
assert samples("v1.2/one.png") == [("v1.2/one", ["png"])]
rates = samples("jpeg-0.5.png", "jpeg-0.7.png")
assert rates == [("jpeg-0", ["5.png", "7.png"])], "the last dot parts name and type now"
assert samples("LICENSE", "one.png") == [("one", ["png"])], "a file without a dot is kept now"
print("seen: the first dot ends the name")
PY
