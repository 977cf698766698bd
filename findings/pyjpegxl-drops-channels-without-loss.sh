#!/usr/bin/env bash
# pyjpegxl 0.3.0: a lossless array of five channels comes back as three; of one to four all come back.
#
# Behaviour  encode_from_numpy(array, lossless=True) takes any number of channels. From five on the first three are
#            written as RGB and the others left out, the fourth too, which alone would have been alpha. Nothing is said,
#            and the file tells of three. quality=0, in the package's words lossless, is refused as an incorrect use of
#            the encoder.
# Guessed    That channels which JPEG XL has as extra ones are written, or that the array is refused.
# Bears on   Planes beside a picture (depth, masks, latents) in a lossless file: what is dropped is seen by who reads
#            it.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pyjpegxl==0.3.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import pyjpegxl

print("pyjpegxl", version("pyjpegxl"))
rng = np.random.default_rng(0)
for channels in (1, 2, 3, 4, 5, 8):
    picture = rng.integers(0, 256, (16, 24, channels), dtype=np.uint8)
    file = pyjpegxl.encode_from_numpy(picture, lossless=True)
    about, got = pyjpegxl.decode_to_numpy(file)
    kept = channels if channels <= 4 else 3
    print(f"{channels} channels in, {got.shape[2]} out, alpha {about.has_alpha}, {len(file)} bytes")
    assert np.array_equal(got, picture[..., :kept]), "other channels are kept now"
try:
    pyjpegxl.encode_from_numpy(picture[..., :3].copy(), quality=0.0)
except RuntimeError as error:
    print("quality=0:", error)
else:
    raise SystemExit("quality=0 is taken now")
print("seen: five channels are three")
PY
