#!/usr/bin/env bash
# sewar 0.4.10: the spatial correlation of a picture with itself is 0 where it is flat, not 1.
#
# Behaviour  scc(picture, picture) is 1 for a picture with detail everywhere, 0 for a flat one, and 0.54 for one of
#            which half is flat: each window whose detail is nil counts as 0.
# Guessed    That equal pictures have a correlation of 1, as the package's uqi, ssim and msssim say, or that flat
#            windows are left out.
# Bears on   Ranking codecs by SCC over pictures with sky, paper or graphics: the best value differs by picture.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 sewar==0.4.10
"$room/venv/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import numpy as np
from sewar.full_ref import scc, uqi

warnings.simplefilter("ignore")
print("sewar", version("sewar"), "numpy", version("numpy"))
rng = np.random.default_rng(0)
busy = rng.integers(0, 256, (128, 128), dtype=np.uint8)
half = busy.copy()
half[:, 64:] = 128
flat = np.full_like(busy, 128)
got = {}
for name, picture in (("busy", busy), ("half flat", half), ("flat", flat)):
    got[name] = float(scc(picture, picture))
    print(f"{name}: scc with itself {got[name]:.4f}, uqi {uqi(picture, picture):.4f}")
assert got["busy"] > 0.999
assert got["flat"] == 0, "flat pictures count now"
assert 0.4 < got["half flat"] < 0.6, "flat windows count now"
print("seen: flat windows of equal pictures count as uncorrelated")
PY
