#!/usr/bin/env bash
# OpenCV 5.0.0, Pillow 13.0.0, netpbmfile 2026.1.29: white in a 10-bit PGM is 3, 1023 or 65535, by reader and colour.
#
# Behaviour  A PGM says what its white is (MAXVAL). For 1023, cv2.imread divides by 256 and reads white as 3, an all but
#            black picture, and with IMREAD_UNCHANGED as 1023. Pillow reads grey as 65535, in colour the same sample as
#            255. netpbmfile reads 1023. For 15, OpenCV and netpbmfile read 15, Pillow 255. For 255 all say 255.
# Guessed    That eight bits asked for means white is 255, as for a PNG of 16 bits in OpenCV, or one scale per reader.
# Bears on   PSNR of decoders that write PGM or PPM of 10 and 12 bits: with the peak of the type taken for granted, it
#            is 36 to 39 dB off.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 opencv-python-headless==5.0.0.93 pillow==13.0.0 netpbmfile==2026.1.29
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import cv2
import netpbmfile
import numpy as np
from PIL import Image

print("OpenCV", cv2.__version__, "Pillow", version("pillow"), "netpbmfile", version("netpbmfile"))


def white(maxval, channels):
    name = f"{maxval}-{channels}.pnm"
    samples = np.full(2 * 2 * channels, maxval, ">u2" if maxval > 255 else "u1")
    with open(name, "wb") as file:
        file.write(f"P{5 if channels == 1 else 6}\n2 2\n{maxval}\n".encode() + samples.tobytes())
    with Image.open(name) as picture:
        pillow = np.asarray(picture)
    read = {
        "OpenCV": cv2.imread(name),
        "OpenCV unchanged": cv2.imread(name, cv2.IMREAD_UNCHANGED),
        "Pillow": pillow,
        "netpbmfile": netpbmfile.imread(name),
    }
    assert all(len(np.unique(pixels)) == 1 for pixels in read.values())
    got = {reader: int(pixels.flat[0]) for reader, pixels in read.items()}
    print(f"white of {maxval}, {channels} channels: {got}")
    return tuple(got.values())


assert white(255, 1) == (255, 255, 255, 255)
assert white(255, 3) == (255, 255, 255, 255)
assert white(15, 1) == (15, 15, 255, 15), "four bits are read otherwise now"
assert white(1023, 1) == (3, 1023, 65535, 1023), "ten bits are read otherwise now"
assert white(1023, 3) == (3, 1023, 255, 1023), "ten bits of colour are read otherwise now"
print("seen: white depends on the reader, and in Pillow on the number of channels")
PY
