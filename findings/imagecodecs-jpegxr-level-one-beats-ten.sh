#!/usr/bin/env bash
# imagecodecs 2026.3.6: jpegxr_encode of level 1 is lossless, of level 10 it is the worst, of level 0.5 the middle.
#
# Behaviour  Levels up to 1 are taken as a share, above 1 as a percentage. The size so goes up from level 0.1 to 1,
#            where it is lossless, falls to the least one at 10 (the same bytes as level 0.1), and goes up again to
#            100.
# Guessed    That a higher level is never worse, or that one scale is refused.
# Bears on   Searches for a setting that meets a budget of bytes: bisection over whole levels from 1 on starts at
#            lossless, and a sweep of 1, 5, 10 is not monotone.
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


def tried(level: float) -> bytes:
    coded = bytes(imagecodecs.jpegxr_encode(picture, level=level))
    error = np.abs(imagecodecs.jpegxr_decode(coded).astype(int) - picture).max()
    print(f"level {level}: {len(coded)} bytes, largest error {error}")
    return coded


coded = {level: tried(level) for level in (0.1, 0.5, 1, 10, 50, 100)}
assert coded[0.1] == coded[10] and coded[0.5] == coded[50] and coded[1] == coded[100], "there is one scale now"
assert (imagecodecs.jpegxr_decode(coded[1]) == picture).all(), "level 1 is not lossless any more"
assert len(coded[10]) < len(coded[50]) < len(coded[1]), "level 10 is not below level 1 any more"
print("seen: level 1 is lossless, level 10 the worst")
PY
