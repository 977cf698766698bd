#!/usr/bin/env bash
# fast-ssim 1.4.0: the PSNR of two equal pictures is 148.13 dB, and moves with data_range.
#
# Behaviour  psnr(picture, picture) returns 148.13 for uint8, as if the squared error were 1e-10; with data_range=1 it
#            is 100. scikit-image and sewar return infinity.
# Guessed    That it is infinite, or a documented ceiling that does not depend on the range.
# Bears on   Means of PSNR over a set with one lossless picture: finite here, infinite elsewhere, and a test of isinf()
#            finds no lossless entry.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 fast-ssim==1.4.0 \
    scikit-image==0.26.0
"$room/venv/bin/python" - <<'PY'
import math
import warnings
from importlib.metadata import version

import fast_ssim
import numpy as np
from skimage.metrics import peak_signal_noise_ratio

warnings.simplefilter("ignore")
print("fast-ssim", version("fast-ssim"), "scikit-image", version("scikit-image"))
picture = np.random.default_rng(3).integers(0, 256, (64, 64), dtype=np.uint8)
whole = fast_ssim.psnr(picture, picture)
unit = (picture / 255).astype(np.float32)
share = fast_ssim.psnr(unit, unit, data_range=1.0)
print(f"uint8: {whole:.2f} dB, 0 to 1: {share:.2f} dB, scikit-image: {peak_signal_noise_ratio(picture, picture)}")
assert math.isinf(peak_signal_noise_ratio(picture, picture))
assert 148 < whole < 149, "equal pictures have another PSNR now"
assert 99 < share < 101, "equal pictures have another PSNR now"
print("seen: equal pictures have a finite PSNR that depends on the range")
PY
