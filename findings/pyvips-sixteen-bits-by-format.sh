#!/usr/bin/env bash
# pyvips 3.2.0 (libvips 8.18.7): one uint16 array is white as PNG, scaled as JPEG and WebP, and exact as TIFF.
#
# Behaviour  An image made from a uint16 array is written as PNG of 8 bits, cut at 255; as JPEG and WebP by its high
#            byte; as TIFF with all bits. Copied to the interpretation grey16 first, the PNG has all bits, too. Nothing is
#            said.
# Guessed    That the type of the samples decides, as PNG has 16 bits, and that one array is one picture in all formats.
# Bears on   16-bit originals and decoded pictures that go through an array: say the interpretation.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pyvips==3.2.0 pyvips-binary==8.18.7
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import pyvips

print("pyvips", version("pyvips"), "libvips", version("pyvips-binary"))
y, x = np.mgrid[0:64, 0:96]
array = (x * 600 + y * 7).astype(np.uint16)
image = pyvips.Image.new_from_array(array)
print("interpretation:", image.interpretation, "format:", image.format)


def middle(image: pyvips.Image, suffix: str, **setting) -> tuple[str, int, bool]:
    got = pyvips.Image.new_from_buffer(image.write_to_buffer(suffix, **setting), "").numpy()
    plane = got if got.ndim == 2 else got[..., 0]
    seen = str(plane.dtype), int(plane[32, 48]), np.array_equal(plane, array)
    print(f"{suffix} {setting}: {seen[0]}, {array[32, 48]} is {seen[1]}, exact {seen[2]}")
    return seen


png = middle(image, ".png")
jpeg = middle(image, ".jpg", Q=100)
webp = middle(image, ".webp", lossless=True)
tiff = middle(image, ".tif")
named = middle(image.copy(interpretation="grey16"), ".png")
assert tiff[2] and named[2]
assert abs(jpeg[1] - (array[32, 48] >> 8)) < 4 and webp[1] == array[32, 48] >> 8
assert png[:2] == ("uint8", 255), "PNG keeps or scales 16 bits now"
print("seen: the format decides what the array means")
PY
