#!/usr/bin/env bash
# ssimulacra2 0.3.0 (Python): below 256 pixels the same JPEG falls from 67 to 20, and under 128 to -64.
#
# Behaviour  The score adds six scales with a list of weights, and a picture under 256 pixels has fewer scales, since
#            one under 8 pixels is left out. The weights are then taken from the front of the list, so that each
#            channel gets another's. One picture at one quality scores 67 at 256 pixels, 20 at 128 and -64 at 64.
#            Nothing is said.
# Guessed    That a crop scores about what its picture scores, or that a picture which is too small is refused.
# Bears on   The metric on the crops that raters see: it orders crops by their size. Compute it on whole pictures, and
#            refuse what has fewer than six scales.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.3 scipy==1.17.1 pillow==12.0.0 ssimulacra2==0.3.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import scipy.ndimage
from PIL import Image
from ssimulacra2.ssimulacra2 import compute_ssimulacra2

print("ssimulacra2", version("ssimulacra2"))
rng = np.random.default_rng(1)
smooth = np.stack([scipy.ndimage.gaussian_filter(rng.normal(size=(512, 512)), 1.5) for _ in range(3)], -1)
whole = Image.fromarray(((smooth - smooth.min()) / np.ptp(smooth) * 255).round().astype(np.uint8))
whole.save("whole.jpg", quality=60)
scores = {}
for side in (512, 256, 128, 64):
    whole.crop((0, 0, side, side)).save("original.png")
    Image.open("whole.jpg").crop((0, 0, side, side)).save("decoded.png")
    scores[side] = float(compute_ssimulacra2("original.png", "decoded.png"))
    print(f"crop of {side} pixels: {scores[side]:.2f}")
assert abs(scores[512] - scores[256]) < 5, "large crops differ now"
assert scores[128] < scores[256] - 30 and scores[64] < 0, "small crops are on the same scale now"
print("seen: a crop under 256 pixels is scored on another scale")
PY
