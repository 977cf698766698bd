#!/usr/bin/env bash
# ssimulacra2 0.3.0 (Python): compute_ssimulacra2_with_alpha gives 100 to an opaque picture and an invisible one.
#
# Behaviour  The function says that it lays pictures with alpha on a dark and on a light ground and takes the worse
#            score. Both calls open the files as RGB first, so alpha is gone before the ground is laid. Two pictures
#            that differ in alpha alone score 100.
# Guessed    A low score: on any ground the two look different.
# Bears on   Entries with transparency can't be left to this package; here a submission with alpha is refused, or must
#            be opaque.
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
from PIL import Image
from ssimulacra2.ssimulacra2 import compute_ssimulacra2_with_alpha

print("ssimulacra2", version("ssimulacra2"))
rows, columns = np.mgrid[0:256, 0:256].astype(np.uint8)
opaque = np.stack([rows, columns, rows ^ columns, np.full_like(rows, 255)], -1)
invisible = opaque.copy()
invisible[..., 3] = 0
Image.fromarray(opaque).save("opaque.png")
Image.fromarray(invisible).save("invisible.png")
score = float(compute_ssimulacra2_with_alpha("opaque.png", "invisible.png"))
print(f"an opaque picture and an invisible one: {score:.2f}")
assert score == 100, "alpha counts now"
print("seen: alpha is dropped before it could count")
PY
