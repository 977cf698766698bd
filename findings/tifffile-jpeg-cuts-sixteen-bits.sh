#!/usr/bin/env bash
# tifffile 2026.3.3: JPEG compression of uint16 keeps 12 bits: 5,000 comes back as 4,095 and 20,000 as 3,616.
#
# Behaviour  imwrite(..., compression='jpeg') of a uint16 array writes a file of 12 bits without a word. Values up to 4,095
#            come back within rounding. Somewhat above they are cut to 4,095, further up they wrap around, and some
#            pictures raise an error about a coefficient out of range. What is read is uint16 again.
# Guessed    That 16 bits are refused, as WebP compression of the same call refuses them, or scaled.
# Bears on   16-bit originals in TIFF: a camera's 12 bits pass every test, and the first picture of 16 is another one.
# Seen       2026-11-30, CPython 3.11, x86-64, imagecodecs 2026.3.6.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

import numpy as np
import tifffile

print("tifffile", version("tifffile"), "imagecodecs", version("imagecodecs"))


def back(array: np.ndarray) -> np.ndarray:
    room = io.BytesIO()
    tifffile.imwrite(room, array, compression="jpeg")
    room.seek(0)
    with tifffile.TiffFile(room) as file:
        print("bits in the file:", file.pages[0].bitspersample, "type read:", file.asarray().dtype, end="; ")
        return file.asarray().astype(int)


y, x = np.mgrid[0:64, 0:96]
twelve = (x * 37 + y * 7).astype(np.uint16)
error = int(np.abs(back(twelve) - twelve).max())
print("a slope up to", twelve.max(), "has a largest error of", error)
assert twelve.max() < 4096 and error < 40
seen = {}
for level in (3000, 5000, 20000):
    seen[level] = sorted(set(back(np.full((64, 64), level, np.uint16)).ravel().tolist()))
    print("a flat", level, "comes back as", seen[level])
try:
    tifffile.imwrite(io.BytesIO(), np.full((64, 64), 5000, np.uint16)[..., None].repeat(3, -1), compression="webp")
    refused = False
except ValueError as fault:
    refused = True
    print("WebP refuses 16 bits:", fault)
assert refused and abs(seen[3000][0] - 3000) < 5
assert seen[5000] == [4095], "5000 is kept, or refused, now"
assert max(seen[20000]) < 4096, "20000 is kept now"
print("seen: 16 bits are cut to 12")
PY
