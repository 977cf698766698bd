#!/usr/bin/env bash
# imagecodecs 2026.3.6: lossless jpeg2k_encode of large uint32 is another picture; htj2k_encode is exact.
#
# Behaviour  A uint32 array is written as a file of 32 bits a sample, which jpeg2k_decode reads without an error into
#            uint32. Of values up to 2^28 three samples of four are wrong, up to 2^32 almost all, by as much as the values
#            themselves; of values below 2^24 a single sample may be off by one. htj2k_encode gives the array back.
# Guessed    That a depth which the encoder can't do is refused, as float arrays are, since the default is lossless.
# Bears on   Sums, label maps and latents in int32 beside the pictures: they look stored until they are decoded.
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

print("imagecodecs", version("imagecodecs"))
y, x = np.mgrid[0:40, 0:56]
wrong = {}
for bits in (16, 20, 24, 28, 32):
    array = (x * ((2**bits - 1) // 60) + y).astype(np.uint16 if bits == 16 else np.uint32)
    for codec in ("jpeg2k", "htj2k"):
        got = getattr(imagecodecs, f"{codec}_decode")(getattr(imagecodecs, f"{codec}_encode")(array))
        wrong[codec, bits] = int((got != array).sum())
        worst = int(np.abs(got.astype(np.int64) - array.astype(np.int64)).max())
        print(f"{codec}, {array.dtype}, up to {array.max()}: {wrong[codec, bits]} of {array.size} wrong, by up to {worst}")
        assert got.dtype == array.dtype
refused = False
try:
    imagecodecs.jpeg2k_encode(x.astype(np.float32))
except ValueError as fault:
    refused = True
    print("floats are refused:", fault)
assert refused and wrong["jpeg2k", 16] == 0
assert all(wrong["htj2k", bits] == 0 for bits in (16, 20, 24, 28, 32))
assert wrong["jpeg2k", 20] < 10 and wrong["jpeg2k", 24] < 10
assert all(wrong["jpeg2k", bits] > 1000 for bits in (28, 32)), "JPEG 2000 keeps 32 bits now, or refuses them"
print("seen: 32 bits are another picture")
PY
