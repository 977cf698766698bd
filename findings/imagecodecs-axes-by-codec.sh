#!/usr/bin/env bash
# imagecodecs 2026.3.6: two channels come back first from HTJ2K, and three planes come back last from JPEG 2000.
#
# Behaviour  An array of (40, 56, 2) goes through htj2k_encode and htj2k_decode and is (2, 40, 56); one of (3, 40, 56)
#            through jpeg2k_encode and jpeg2k_decode is (40, 56, 3). The samples are right. With three channels last, the
#            usual case, both keep the shape, and jpegxl and avif keep all of them.
# Guessed    That a round trip of a lossless codec keeps the shape, whatever the number of channels.
# Bears on   Grey with alpha, stereo pairs and latents of few channels: a loop over codecs compares rows with channels, or
#            fails far from the cause.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 imagecodecs==2026.3.6
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import imagecodecs
import numpy as np

print("imagecodecs", version("imagecodecs"))
rng = np.random.default_rng(1)
arrays = [rng.integers(0, 256, shape).astype(np.uint8) for shape in ((40, 56, 2), (40, 56, 3), (3, 40, 56))]
shapes = {}
for codec in ("jpeg2k", "htj2k", "jpegxl"):
    for array in arrays:
        file = getattr(imagecodecs, f"{codec}_encode")(array)
        got = getattr(imagecodecs, f"{codec}_decode")(file)
        moved = {"kept": got, "first": np.moveaxis(got, 0, -1), "last": np.moveaxis(got, -1, 0)}
        where = [name for name, view in moved.items() if np.array_equal(view, array)]
        shapes[codec, array.shape] = where
        print(f"{codec}: {array.shape} comes back as {got.shape}, channels {where}")
for codec in ("jpeg2k", "htj2k", "jpegxl"):
    assert shapes[codec, (40, 56, 3)] == ["kept"]
assert all(shapes["jpegxl", array.shape] == ["kept"] for array in arrays)
assert shapes["htj2k", (40, 56, 2)] == ["first"], "HTJ2K keeps two channels now"
assert shapes["jpeg2k", (3, 40, 56)] == ["last"], "JPEG 2000 keeps three planes now"
print("seen: axes depend on the codec")
PY
