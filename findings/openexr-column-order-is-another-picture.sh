#!/usr/bin/env bash
# OpenEXR 3.5.3 (Python): an array in column order, or every other column of one, is written as another picture.
#
# Behaviour  OpenEXR.File takes the pixels of an array as if they lay in memory one row after the other, whatever its
#            strides. A transposed array, one in column order and a view with a step come back in the right shape with
#            other pixels, and nothing is said. Types that the format doesn't have, uint8 and float64, are refused.
# Guessed    That the type isn't all that is looked at, or that the array is copied into order first.
# Bears on   HDR originals and crops written from numpy: what a transpose made is a lossless file of something else.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 openexr==3.5.3
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import OpenEXR

print("OpenEXR", version("openexr"), "numpy", version("numpy"))
picture = np.random.default_rng(0).random((12, 16, 3)).astype(np.float32)


def there_and_back(pixels):
    name = "RGB" if pixels.ndim == 3 else "Y"
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {name: pixels}) as file:
        file.write("picture.exr")
    with OpenEXR.File("picture.exr") as file:
        return np.array(file.channels()[name].pixels)


grey = np.ascontiguousarray(picture[..., 0])
cases = {
    "colour": picture,
    "grey": grey,
    "colour in column order": np.asfortranarray(picture),
    "grey, transposed": grey.T,
    "every other column": picture[:, ::2],
}
for name, pixels in cases.items():
    got = there_and_back(pixels)
    assert got.shape == pixels.shape and got.dtype == pixels.dtype
    wrong = float((got != pixels).mean())
    print(f"{name}: {wrong:.0%} of the samples are others, strides {pixels.strides}")
    assert (wrong > 0.5) == (not pixels.flags.c_contiguous), "strides are looked at now"
    assert np.array_equal(there_and_back(np.ascontiguousarray(pixels)), pixels)
print("seen: pixels are read in the order of memory")
PY
