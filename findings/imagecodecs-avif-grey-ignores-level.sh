#!/usr/bin/env bash
# imagecodecs 2026.3.6: avif_encode of a grey picture ignores the level and is always lossless.
#
# Behaviour  avif_encode(picture, level=L) gives one and the same bytes for a picture of one channel at every level
#            from 0 to 100, and they are lossless. Of three channels the level works: from 0 to 100 the size grows some
#            50 times.
# Guessed    That the level sets the quality of grey pictures as it does of coloured ones.
# Bears on   Rate curves of grey pictures: all points of AVIF fall on one, and no budget of bytes can be met.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 imagecodecs==2026.3.6
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import imagecodecs
import numpy as np

print("imagecodecs", version("imagecodecs"), "numpy", version("numpy"))
rng = np.random.default_rng(1)
y, x = np.mgrid[0:96, 0:128]
slopes = np.stack([2 * x % 256, 2 * y % 256, x + y], -1)
picture = (slopes + rng.integers(0, 9, slopes.shape)).clip(0, 255).astype(np.uint8)
grey = np.ascontiguousarray(picture[..., 0])

levels = (0, 30, 60, 90, 100)
of_grey = [imagecodecs.avif_encode(grey, level=level) for level in levels]
of_colour = [imagecodecs.avif_encode(picture, level=level) for level in levels]
print("levels", levels)
print("colour, bytes:", [len(coded) for coded in of_colour])
print("grey, bytes:  ", [len(coded) for coded in of_grey])
assert len(of_colour[0]) * 10 < len(of_colour[-1]), "the level does not set the size of colour any more"
assert len({bytes(coded) for coded in of_grey}) == 1, "the level sets something of grey now"
assert (imagecodecs.avif_decode(of_grey[0]) == grey).all(), "level 0 is not lossless any more"
print("seen: grey has the same lossless bytes at every level")
PY
