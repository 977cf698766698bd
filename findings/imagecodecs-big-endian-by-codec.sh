#!/usr/bin/env bash
# imagecodecs 2026.3.6: big-endian samples are swapped without a word by JPEG 2000, and refused by the others.
#
# Behaviour  A uint16 array of big-endian order goes into jpeg2k_encode, htj2k_encode and tiff_encode as if it were
#            little-endian: 1 comes back as 256. jpegls_encode, jpegxl_encode and png_encode raise ValueError for it.
# Guessed    That all of them refuse it, or that all swap.
# Bears on   16-bit pictures read as they lie in PNG, PGM, JPEG XR or FITS (np.frombuffer(..., ">u2")): the values of
#            the array are right, the coded ones are not, and the file is larger than raw noise should be.
# Seen       2026-11-30, CPython 3.11, x86-64.
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
y, x = np.mgrid[0:64, 0:64]
little = (x * 600 + y).astype("<u2")
big = little.astype(">u2")
assert (little == big).all()
swapped, refused = [], []
for codec in ("jpeg2k", "htj2k", "tiff", "jpegls", "jpegxl", "png"):
    encode, decode = (getattr(imagecodecs, f"{codec}_{way}") for way in ("encode", "decode"))
    assert (decode(encode(little)) == little).all(), f"{codec} is no longer lossless"
    try:
        back = decode(encode(big))
    except ValueError as error:
        refused.append(codec)
        print(f"{codec}: ValueError, {error}")
        continue
    if (back == little.byteswap()).all():
        swapped.append(codec)
    sizes = f"{len(encode(little))} bytes from little-endian, {len(encode(big))} from big"
    print(f"{codec}: row 1 starts {big[1, :3].tolist()} -> {back[1, :3].tolist()}, {sizes}")
assert swapped == ["jpeg2k", "htj2k", "tiff"] and refused == ["jpegls", "jpegxl", "png"], (swapped, refused)
print("seen: three swap, three refuse")
PY
