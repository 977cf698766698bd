#!/usr/bin/env bash
# imagecodecs 2026.3.6: webp_encode is lossless at every level, unless lossless=False is said too.
#
# Behaviour  webp_encode(picture, level=L) is lossless for every L, 1 as well as 99, and the sizes differ by less than
#            a hundredth. Only with lossless=False does the level set the quality.
# Guessed    That a level below 100 is a lossy quality, as with jpeg8_encode, avif_encode and jpegxl_encode of the same
#            package, which become lossy when a level is given.
# Bears on   Rate curves and baselines made through one call for several codecs: WebP's points are all lossless.
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
    coded = imagecodecs.webp_encode(picture, **setting)
    error = np.abs(imagecodecs.webp_decode(coded).astype(int) - picture).max()
    print(f"{setting}: {len(coded)} bytes, largest error {error}")
    return len(coded), int(error)


sizes = []
for level in (1, 50, 99):
    size, error = tried(level=level)
    sizes.append(size)
    assert error == 0, "a level is lossy now"
assert max(sizes) < 1.01 * min(sizes), "the level sets the size now"
size, error = tried(level=50, lossless=False)
assert error > 0 and size < sizes[1] / 4, "lossless=False is not lossy any more"
print("seen: a level alone is lossless")
PY
