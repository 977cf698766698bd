#!/usr/bin/env bash
# lilcom 1.8.2: compress(array) writes what is left of the numbers into the array itself, if it is float32 and contiguous.
#
# Behaviour  After compress(a) the caller's array holds the values that decompress will bring, so that a comparison of
#            the two is exact: an error of zero for a lossy codec. float64, integers and views with strides are copied
#            first, stay as they are and show the real error. The docstring says nothing of it.
# Guessed    That compressing reads its input, whatever the type and the layout.
# Bears on   Measuring a codec of latents or features: the distortion is 0 at every tick_power for float32 alone, and
#            what is computed next from the "original" is computed from the decoded. Give it a copy.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 lilcom==1.8.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import lilcom
import numpy as np

print("lilcom", version("lilcom"), "numpy", version("numpy"))
row, column = np.mgrid[0:32, 0:48]
smooth = np.sin(row / 9) + np.cos(column / 7)


def tried(name: str, array: np.ndarray) -> tuple[float, float, float]:
    before = array.copy()
    back = lilcom.decompress(lilcom.compress(array, tick_power=-6))
    pairs = (array, before), (back, array), (back, before)
    changed, against_it, real = (float(np.abs(one - two).max()) for one, two in pairs)
    print(f"{name}: input moved by {changed:.4f}, error against it {against_it:.4f}, against a copy {real:.4f}")
    return changed, against_it, real


single = tried("float32", smooth.astype(np.float32))
others = [tried("float64", smooth.copy()), tried("float32, every other column", smooth.astype(np.float32)[:, ::2])]
for changed, against_it, real in others:
    assert changed == 0 and against_it == real > 0.005
assert single[0] == single[2] > 0.005 and single[1] == 0, "the input stays as it is now"
print("seen: the input becomes the decoded")
PY
