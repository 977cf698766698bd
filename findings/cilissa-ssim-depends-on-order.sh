#!/usr/bin/env bash
# cilissa 0.8.0: SSIM of a and b is 0.34 and of b and a 0.19; a flat picture has an SSIM of 0 with itself.
#
# Behaviour  The two constants of SSIM are taken from the range of values that the first picture happens to have, not
#            from the range of the type. A picture of little contrast on the left makes them small, on the right large.
#            For a flat picture they are 0, and so is its similarity to itself. MSE, PSNR and UIQI of the package
#            don't depend on the order.
# Guessed    A symmetrical measure that is 1 for equal pictures, with L as the range of the type, as in the paper that the
#            package names.
# Bears on   SSIM of crops: two crops of one picture are on different scales, and flat sky or paper fails.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  numpy==2.4.6 opencv-python-headless==4.11.0.86 setuptools==65.5.0
"$room/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps cilissa==0.8.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from cilissa.images import Image, ImagePair
from cilissa.metrics import PSNR, SSIM

print("cilissa", version("cilissa"))
rng = np.random.default_rng(1)
y, x = np.mgrid[0:96, 0:96]
picture = (np.stack([2 * x, 2 * y, x + y], -1) + rng.integers(0, 40, (96, 96, 3))).clip(0, 200).astype(np.uint8)
pale = (100 + picture // 10).astype(np.uint8)
flat = np.full_like(picture, 120)


def both(metric, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    return tuple(float(metric().analyze(ImagePair(Image(one), Image(two)))) for one, two in ((a, b), (b, a)))


print("SSIM with itself:", both(SSIM, picture, picture)[0])
forth, back = both(SSIM, picture, pale)
print(f"SSIM of picture and pale {forth:.3f}, of pale and picture {back:.3f}; PSNR", both(PSNR, picture, pale))
alone = both(SSIM, flat, flat)[0]
print("SSIM of a flat picture with itself:", alone)
assert abs(both(SSIM, picture, picture)[0] - 1) < 1e-9
assert both(PSNR, picture, pale)[0] == both(PSNR, picture, pale)[1]
assert abs(forth - back) > 0.1, "SSIM is symmetrical now"
assert not alone > 0.5, "a flat picture equals itself now"
print("seen: the first picture sets the scale")
PY
