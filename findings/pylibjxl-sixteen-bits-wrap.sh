#!/usr/bin/env bash
# pylibjxl 0.5.0: encode(lossless=True) of a 16-bit picture keeps the low byte of each sample, without a word.
#
# Behaviour  A uint16 array is cast to uint8 before it is coded, by modulo: 256 comes back as 0, 511 as 255. Of a
#            16-bit slope the decoded picture is a saw of 8 bits. A big-endian uint16 array raises TypeError.
# Guessed    That 16 bits are kept, as JPEG XL does, or refused; at the least scaled.
# Bears on   16-bit originals and decoded pictures kept as JPEG XL: "lossless" gives back another picture.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pylibjxl==0.5.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import pylibjxl

print("pylibjxl", version("pylibjxl"), "numpy", version("numpy"))
y, x = np.mgrid[0:40, 0:56]
eight = np.stack([x * 4, y * 6, x + y], -1).astype(np.uint8)
sixteen = np.stack([x * 1000, y * 1500, (x + y) * 600], -1).astype(np.uint16)
for name, picture in (("8 bits", eight), ("16 bits", sixteen)):
    back = np.asarray(pylibjxl.decode(pylibjxl.encode(picture, lossless=True)))
    print(f"{name}: back as {back.dtype}, samples 1 to 4 of a row {picture[0, 1:5, 0]} -> {back[0, 1:5, 0]}")
    assert back.shape == picture.shape
    assert (back == picture.astype(int) % 256).all(), "16 bits are kept, scaled or refused now"
try:
    pylibjxl.encode(sixteen.astype(">u2"), lossless=True)
except TypeError as refused:
    print("big-endian: TypeError,", str(refused).splitlines()[0])
else:
    raise AssertionError("big-endian is taken now")
print("seen: the low byte is kept")
PY
