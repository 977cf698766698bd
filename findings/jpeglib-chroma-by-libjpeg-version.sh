#!/usr/bin/env bash
# jpeglib 1.0.2: one JPEG file decodes to pictures up to 48 levels apart, by the libjpeg version asked for.
#
# Behaviour  With chroma at half size, versions 6b, turbo210 and mozjpeg give the very pixels that Pillow gives. From
#            version 7 on libjpeg makes chroma larger inside the inverse DCT instead of by a filter: three samples of
#            four differ, some by more than 30 levels. At full-size chroma all agree within rounding.
# Guessed    That a baseline JPEG decodes to the same picture everywhere, within a level or two.
# Bears on   A JPEG baseline's PSNR depends on the decoder's library: the decoding environment is part of a result,
#            and has to be pinned.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.3 scipy==1.17.1 pillow==12.0.0 jpeglib==1.0.2
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import jpeglib
import numpy as np
import scipy.ndimage
from PIL import Image

print("jpeglib", version("jpeglib"), "pillow", version("pillow"))
rng = np.random.default_rng(0)
smooth = np.stack([scipy.ndimage.gaussian_filter(rng.normal(size=(97, 131)), 2) for _ in range(3)], -1)
picture = ((smooth - smooth.min()) / np.ptp(smooth) * 255).round().astype(np.uint8)
largest = {}
for chroma, subsampling in (("half", 2), ("full", 0)):
    Image.fromarray(picture).save("one.jpg", quality=80, subsampling=subsampling)
    ours = np.asarray(Image.open("one.jpg")).astype(int)
    for name in ("6b", "turbo210", "7", "9"):
        with jpeglib.version(name):
            theirs = jpeglib.read_spatial("one.jpg").spatial
        differences = np.abs(theirs - ours)
        largest[chroma, name] = int(differences.max())
        print(f"{chroma} chroma, {name}: {np.mean(differences > 0):.0%} of the samples differ, at most by {differences.max()}")
assert largest["half", "6b"] == largest["half", "turbo210"] == 0, "6b and turbo differ from Pillow now"
assert min(largest["half", "7"], largest["half", "9"]) > 20, "later versions agree now"
assert max(largest["full", name] for name in ("6b", "turbo210", "7", "9")) <= 3, "full chroma differs now"
print("seen: small chroma decodes to another picture from libjpeg 7 on")
PY
