#!/usr/bin/env bash
# pyjpegls 1.5.1 and pylibjpeg-openjpeg 2.6.0: a 16-bit picture comes back as 8 bits where it is dark.
#
# Behaviour  Both encoders take the precision of a uint16 array from its brightest sample. At 255 or less the decoded
#            array is uint8, from 256 on it is uint16. The values are the same; the type and whatever is read from it
#            are not. imagecodecs' jpegls_encode and jpeg2k_encode give uint16 back for all.
# Guessed    That a lossless round trip keeps the type, and that a setting rather than the content decides it.
# Bears on   Crops and night pictures: a peak taken from the decoded type is 255 instead of 65,535, which is 48 dB of
#            PSNR, and arrays of one set don't stack. Give bits_stored where there is one (pylibjpeg-openjpeg has it).
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 imagecodecs==2026.3.6 pyjpegls==1.5.1 \
    pylibjpeg-openjpeg==2.6.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version
from io import BytesIO

import imagecodecs
import jpeg_ls
import numpy as np
from openjpeg.utils import decode, encode_array

print("pyjpegls", version("pyjpegls"), "pylibjpeg-openjpeg", version("pylibjpeg-openjpeg"))
y, x = np.mgrid[0:40, 0:56]
trips = {
    "pyjpegls": lambda picture: jpeg_ls.decode(jpeg_ls.encode(picture)),
    "pylibjpeg-openjpeg": lambda picture: decode(BytesIO(encode_array(picture))),
    "pylibjpeg-openjpeg, bits_stored=16": lambda picture: decode(BytesIO(encode_array(picture, bits_stored=16))),
    "imagecodecs, JPEG-LS": lambda picture: imagecodecs.jpegls_decode(imagecodecs.jpegls_encode(picture)),
    "imagecodecs, JPEG 2000": lambda picture: imagecodecs.jpeg2k_decode(imagecodecs.jpeg2k_encode(picture)),
}
for name, trip in trips.items():
    types = []
    for brightest in (95, 255, 256, 65535):
        picture = (x + y).astype(np.uint16)
        picture[0, 0] = brightest
        back = trip(picture)
        assert (back == picture).all(), f"{name} is no longer lossless"
        types.append(str(back.dtype))
    print(f"{name}: brightest of 95, 255, 256, 65535 -> {', '.join(types)}")
    expected = ["uint8", "uint8", "uint16", "uint16"] if name in ("pyjpegls", "pylibjpeg-openjpeg") else ["uint16"] * 4
    assert types == expected, f"{name} keeps the type in another way now"
print("seen: the brightest sample decides the type")
PY
