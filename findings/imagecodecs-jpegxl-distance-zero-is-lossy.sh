#!/usr/bin/env bash
# imagecodecs 2026.3.6: JPEG XL of distance 0, or of level 100, is lossy and larger than the lossless default.
#
# Behaviour  jpegxl_encode(picture) without a setting is lossless. Asked for distance=0 or level=100 it leaves the
#            lossless mode: samples come back changed, and the file is larger than the lossless one. Only lossless=True
#            is lossless.
# Guessed    That a Butteraugli distance of 0 is mathematically lossless, as JPEG XL's own command line takes it, and
#            that the best level is no worse than no level.
# Bears on   Lossless entries and masters kept as JPEG XL, and rate curves whose last point is meant to be lossless.
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


def tried(**setting) -> tuple[int, int]:
    coded = imagecodecs.jpegxl_encode(picture, **setting)
    error = np.abs(imagecodecs.jpegxl_decode(coded).astype(int) - picture).max()
    print(f"{setting or 'no setting'}: {len(coded)} bytes, largest error {error}")
    return len(coded), int(error)


plain = tried()
assert plain[1] == 0 == tried(lossless=True)[1], "the default is not lossless any more"
for setting in ({"distance": 0}, {"level": 100}):
    size, error = tried(**setting)
    assert error > 0 and size > plain[0], f"{setting} is lossless now, or smaller"
print("seen: distance 0 and level 100 are lossy, and larger than lossless")
PY
