#!/usr/bin/env bash
# scikit-image 0.26.0: a TIFF of three or four grey pages is read as one colour picture; of two or five, as pages.
#
# Behaviour  skimage.io.imread of pages of 64 x 96 gives (2, 64, 96), (64, 96, 3), (64, 96, 4), (5, 64, 96) for two to five:
#            an axis of length 3 or 4 in that place is taken for channels and moved to the end, whatever the file says.
#            The pages are marked as grey. tifffile and imageio give (3, 64, 96).
# Guessed    That the file's own word on colour decides, and that the number of pages doesn't change the order of axes.
# Bears on   Stacks of a crop by three methods or four rates, read back for a metric: page 0 is then the first row of all.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  numpy==2.4.6 scikit-image==0.26.0 tifffile==2026.3.3 imageio==2.38.1
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import imageio.v3
import numpy as np
import skimage.io
import tifffile

print("scikit-image", version("scikit-image"), "tifffile", version("tifffile"))
shapes = {}
for count in (2, 3, 4, 5):
    pages = np.arange(count * 64 * 96, dtype=np.uint16).reshape(count, 64, 96)
    tifffile.imwrite("pages.tif", pages, photometric="minisblack")
    read = {"skimage": skimage.io.imread, "tifffile": tifffile.imread, "imageio": imageio.v3.imread}
    shapes[count] = {name: reader("pages.tif").shape for name, reader in read.items()}
    print(count, "pages:", shapes[count])
    assert shapes[count]["tifffile"] == shapes[count]["imageio"] == (count, 64, 96)
assert shapes[2]["skimage"] == (2, 64, 96) and shapes[5]["skimage"] == (5, 64, 96)
assert shapes[3]["skimage"] == (64, 96, 3), "three grey pages stay pages now"
assert shapes[4]["skimage"] == (64, 96, 4), "four grey pages stay pages now"
print("seen: three pages are one picture")
PY
