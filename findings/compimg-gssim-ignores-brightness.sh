#!/usr/bin/env bash
# compimg 0.2.2: GSSIM doesn't see brightness: a picture 50 levels too bright has 1.0, and SSIM 0.91.
#
# Behaviour  GSSIM takes both means for its luminance term from the first picture, so that this term is 1 for every pair.
#            A constant shift changes no gradient either, and the result is exactly 1. SSIM, PSNR and MSE of the package
#            see the shift.
# Guessed    That the gradient takes the place of contrast and structure alone, as in the paper that the package names,
#            and that luminance counts as in SSIM.
# Bears on   Codecs that lose the mean of a block or shift a whole picture: as a metric of its own GSSIM calls them
#            lossless.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1
"$room/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps compimg==0.2.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from compimg.similarity import GSSIM, PSNR, SSIM

print("compimg", version("compimg"))
rng = np.random.default_rng(1)
y, x = np.mgrid[0:96, 0:96]
picture = (np.stack([2 * x, 2 * y, x + y], -1) + rng.integers(0, 40, (96, 96, 3))).clip(0, 200).astype(np.uint8)
others = {
    "itself": picture,
    "50 brighter": picture + np.uint8(50),
    "noisy": (picture + rng.integers(-20, 21, picture.shape)).clip(0, 255).astype(np.uint8),
}
seen = {}
for name, other in others.items():
    seen[name] = [float(metric().compare(other, picture)) for metric in (GSSIM, SSIM, PSNR)]
    print(f"{name}: GSSIM {seen[name][0]:.6f}, SSIM {seen[name][1]:.6f}, PSNR {seen[name][2]:.2f} dB")
assert seen["noisy"][0] < 0.9, "GSSIM sees nothing at all"
assert seen["50 brighter"][1] < 0.95 and seen["50 brighter"][2] < 15
assert abs(seen["50 brighter"][0] - 1) < 1e-9, "GSSIM sees brightness now"
print("seen: brightness doesn't count")
PY
