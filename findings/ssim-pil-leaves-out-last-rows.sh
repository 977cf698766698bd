#!/usr/bin/env bash
# ssim-pil 1.0.14: up to six rows and columns at the far edges are not looked at, and 1.0 is returned.
#
# Behaviour  compare_ssim cuts the picture into tiles of 7 x 7 that do not overlap and drops what is left over at the
#            right and at the bottom. Of 48 x 48 pixels six rows and six columns count for nothing (23 % of the
#            picture): they may be black against white, and the similarity is 1.0.
# Guessed    That every pixel is in some window, as in the paper's sliding window and in the other SSIM packages.
# Bears on   Codecs that pad to blocks do worst at just these edges; checks that two pictures are equal (`== 1.0`).
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 \
    scikit-image==0.26.0 ssim-pil==1.0.14
"$room/venv/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity
from SSIM_PIL import compare_ssim

warnings.simplefilter("ignore")
print("ssim-pil", version("ssim-pil"), "scikit-image", version("scikit-image"))
picture = np.random.default_rng(3).integers(0, 256, (48, 48), dtype=np.uint8)


def tried(edge: int) -> tuple[float, float]:
    other = picture.copy()
    other[-edge:] = 255 - other[-edge:]
    other[:, -edge:] = 255 - picture[:, -edge:]
    here = compare_ssim(Image.fromarray(picture), Image.fromarray(other), GPU=False)
    there = float(structural_similarity(picture, other))
    print(f"last {edge} rows and columns inverted: ssim-pil {here}, scikit-image {there:.4f}")
    return here, there


here, there = tried(6)
assert here == 1.0, "the edges count now"
assert there < 0.9
assert tried(7)[0] < 1.0
print("seen: six inverted rows and columns are not looked at")
PY
