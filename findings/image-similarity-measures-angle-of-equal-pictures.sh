#!/usr/bin/env bash
# image-similarity-measures 0.3.6: the spectral angle of a picture with itself is 90 degrees, on 8 bits.
#
# Behaviour  sam() multiplies the two arrays in their own type. uint8 wraps at 256, and the angle comes out near 90
#            degrees whatever the pictures are: 89.6 for a picture with itself, 89.5 for it and a noisy copy. As floats
#            the same pairs have 0 and 2.6. The package's command line reads files as uint8 and says the same.
# Guessed    0 degrees for equal pictures, as its rmse, psnr, sre and uiq take care of the type.
# Bears on   Second opinions on a metric: give it floats, and test a metric on a pair of equal pictures first.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.11.4 scikit-image==0.20.0 \
    opencv-python==4.11.0.86 phasepack==1.5 pillow==13.0.0 image-similarity-measures==0.3.6
cd "$room"
cat >probe.py <<'PY'
from importlib.metadata import version

import cv2
import numpy as np
from image_similarity_measures.quality_metrics import sam

print("image-similarity-measures", version("image-similarity-measures"), "numpy", version("numpy"))
rng = np.random.default_rng(0)
y, x = np.mgrid[0:96, 0:128]
picture = np.stack([x + 20, y * 2 + 30, 200 - x], -1).astype(np.uint8)
noisy = (picture + rng.integers(-12, 13, picture.shape)).clip(0, 255).astype(np.uint8)
cv2.imwrite("picture.png", picture)
angles = {}
for name, other in (("itself", picture), ("a noisy copy", noisy)):
    angles[name] = (float(sam(picture, other)), float(sam(picture.astype(float), other.astype(float))))
    print(f"angle to {name}: uint8 {angles[name][0]:.2f}, float {angles[name][1]:.2f} degrees")
assert angles["itself"][0] > 45, "uint8 is widened now"
assert angles["itself"][1] < 1e-3 and angles["a noisy copy"][1] < 10, "floats have another angle now"
PY
venv/bin/python -W ignore probe.py
said=$(venv/bin/python -m image_similarity_measures.evaluate --org_img_path picture.png --pred_img_path picture.png \
    --metric sam 2>/dev/null)
echo "the command, one file twice: $said"
python3 -c 'import json, sys; assert json.loads(sys.argv[1])["metrics"]["sam"] > 45, "the command widens now"' "$said"
echo "seen: equal pictures are all but orthogonal"
