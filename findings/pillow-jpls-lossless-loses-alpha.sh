#!/usr/bin/env bash
# pillow-jpls 1.3.2: a lossless RGBA picture loses its alpha wherever the colour stays the same.
#
# Behaviour  Of four channels in the default interleave (sample) a run of one colour goes on while red, green and blue
#            are the same; alpha isn't asked. A white picture with a disc cut out in its alpha comes back with one alpha
#            throughout, and imagecodecs reads the same from the file. interleave='line' and 'none' keep it, and so
#            does imagecodecs' jpegls_encode.
# Guessed    That near_lossless=0, the default, gives back all four channels.
# Bears on   Graphics with transparency kept as JPEG-LS: flat parts are just where alpha has its edges.
# Seen       2026-11-30, CPython 3.11, x86-64; CharLS inside.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 imagecodecs==2026.3.6 \
    pillow-jpls==1.3.2
"$room/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version
from io import BytesIO

import imagecodecs
import numpy as np
import pillow_jpls  # noqa: F401
from PIL import Image

print("pillow-jpls", version("pillow-jpls"), "pillow", version("pillow"))
y, x = np.mgrid[0:48, 0:64]
disc = np.where((x - 32) ** 2 + (y - 24) ** 2 < 300, 255, 0)
white = np.dstack([np.full((48, 64, 3), 255), disc]).astype(np.uint8)
slope = np.dstack([x * 4, y * 5, x + y, disc]).astype(np.uint8)
lost = {}
for name, picture in (("white", white), ("slope", slope)):
    for interleave in ("sample", "line", "none"):
        file = BytesIO()
        Image.fromarray(picture).save(file, "JPEG-LS", interleave=interleave)
        back = np.asarray(Image.open(BytesIO(file.getvalue())))
        assert (back[..., :3] == picture[..., :3]).all() and (imagecodecs.jpegls_decode(file.getvalue()) == back).all()
        lost[name, interleave] = float((back[..., 3] != picture[..., 3]).mean())
        levels = np.unique(back[..., 3]).tolist()
        print(f"{name}, {interleave}: {100 * lost[name, interleave]:.1f} % of alpha changed, its levels are {levels}")
default = BytesIO()
Image.fromarray(white).save(default, "JPEG-LS")
assert (np.asarray(Image.open(BytesIO(default.getvalue())))[..., 3] == 0).all(), "the default keeps alpha now"
assert lost["white", "sample"] > 0.3 and lost["slope", "sample"] < 0.01, "alpha ends a run now"
assert not any(lost[name, way] for name in ("white", "slope") for way in ("line", "none"))
assert (imagecodecs.jpegls_decode(imagecodecs.jpegls_encode(white)) == white).all()
print("seen: the disc is gone")
PY
