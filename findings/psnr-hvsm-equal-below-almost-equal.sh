#!/usr/bin/env bash
# psnr-hvsm 0.3.0: two equal pictures get 100 dB, and a pair with one sample one level apart 104 or 116.
#
# Behaviour  Where the error is 0 the value is set to 100 dB. PSNR itself is clipped to 0 to 100, but PSNR-HVS and
#            PSNR-HVS-M are not: one sample of 262,144 that is one level off gives 103.7 and 116.2.
# Guessed    That equal pictures score highest, or infinity.
# Bears on   A ranking by this metric puts a lossless entry behind almost lossless ones.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.3 scipy==1.17.1 psnr_hvsm==0.3.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from psnr_hvsm import psnr, psnr_hvs_hvsm

print("psnr_hvsm", version("psnr_hvsm"))
picture = np.random.default_rng(0).integers(40, 200, (512, 512)) / 255
almost = picture.copy()
almost[5, 5] += 1 / 255
equal, other = (
    [float(value) for value in (psnr(picture, given), *psnr_hvs_hvsm(picture, given))]
    for given in (picture, almost)
)
print("equal: PSNR, PSNR-HVS, PSNR-HVS-M", *(f"{value:.2f}" for value in equal))
print("one sample one level off:", *(f"{value:.2f}" for value in other))
assert equal == [100, 100, 100], "equal pictures get something else now"
assert other[0] == 100 and other[1] > 103 and other[2] > 115, "almost equal pictures stay below now"
print("seen: an almost equal pair scores above an equal one")
PY
