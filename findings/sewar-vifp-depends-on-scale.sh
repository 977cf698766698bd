#!/usr/bin/env bash
# sewar 0.4.10: vifp tells one pair of pictures apart by how they are stored: 0.72, 0.28 or 1.0003.
#
# Behaviour  vifp takes its noise variance as 2, on a scale of 0 to 255, whatever the type. The same pair gives one
#            value as uint8, a much lower one as uint16 (times 257), and almost 1 as floats from 0 to 1. psnr, ssim,
#            uqi and msssim of the package find the range by themselves and do not change.
# Guessed    That a function without a range parameter scales as its neighbours do, or refuses what is not uint8.
# Bears on   VIF beside other metrics on a board: floats from 0 to 1 make every codec all but perfect.
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
import scipy.ndimage
from sewar.full_ref import psnr, uqi, vifp

warnings.simplefilter("ignore")
print("sewar", version("sewar"), "numpy", version("numpy"))
rng = np.random.default_rng(0)
smooth = scipy.ndimage.gaussian_filter(rng.normal(size=(128, 128)), 2)
one = ((smooth - smooth.min()) / np.ptp(smooth) * 255).round().astype(np.uint8)
two = (one + rng.integers(-6, 7, one.shape)).clip(0, 255).astype(np.uint8)
ways = {
    "uint8": (one, two),
    "uint16": (one.astype(np.uint16) * 257, two.astype(np.uint16) * 257),
    "0 to 1": (one / 255, two / 255),
}
got = {}
for name, (first, second) in ways.items():
    got[name] = float(vifp(first, second))
    print(f"{name}: vifp {got[name]:.4f}, psnr {psnr(first, second):.3f}, uqi {uqi(first, second):.5f}")
    assert abs(psnr(first, second) - psnr(one, two)) < 1e-6, "psnr depends on the scale now"
assert got["uint16"] + 0.2 < got["uint8"] < got["0 to 1"] - 0.2, "vifp does not depend on the scale any more"
print("seen: vifp of one pair depends on how it is stored")
PY
