#!/usr/bin/env bash
# OpenCV 5.0.0: JPEG 2000 without a setting is lossy, a quarter of the raw size; the documented default is lossless.
#
# Behaviour  imencode('.jp2', picture) writes a quarter of the raw size. With IMWRITE_JPEG2000_COMPRESSION_X1000 set to
#            1000, which the reference gives as the default, the same call is lossless.
# Guessed    That a default that is written down is what leaving it out means, and that JPEG 2000 is lossless unless asked
#            otherwise, as it is in glymur, imagecodecs and Pillow.
# Bears on   Lossless originals kept as JPEG 2000, and rate points "at the default". Say the number.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  numpy==2.4.6 opencv-python-headless==5.0.0.93 glymur==0.14.8 packaging==26.4
cd "$room"
"$room/venv/bin/python" - <<'PY'
import cv2
import glymur
import numpy as np

print("opencv", cv2.__version__, "glymur", glymur.__version__)
rng = np.random.default_rng(1)
y, x = np.mgrid[0:128, 0:192]
smooth = (np.stack([x, 2 * y, (x + y) // 2], -1) + rng.integers(0, 9, (128, 192, 3))).clip(0, 255).astype(np.uint8)
noise = rng.integers(0, 256, (128, 192, 3)).astype(np.uint8)
for name, picture in (("smooth", smooth), ("noise", noise)):
    sizes, errors = {}, {}
    for setting in ([], [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]):
        file = cv2.imencode(".jp2", picture, setting)[1]
        got = cv2.imdecode(file, cv2.IMREAD_UNCHANGED)
        which = "1000" if setting else "default"
        sizes[which] = file.size
        errors[which] = int(np.abs(got.astype(int) - picture).max())
        print(f"{name}, {which}: {file.size} of {picture.size} bytes, largest error {errors[which]}")
    glymur.Jp2k(f"{name}.jp2", data=picture)
    assert np.array_equal(glymur.Jp2k(f"{name}.jp2")[:], picture), "glymur's default is lossy"
    assert errors["1000"] == 0
    assert errors["default"] > 0 and sizes["default"] < sizes["1000"], "the default is 1000 now"
print("seen: the default is not 1000")
PY
