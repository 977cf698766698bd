#!/usr/bin/env bash
# Bottleneck 1.6.1: nanmean of a picture's squared errors as float32 is off by near a hundredth, and differs with their order.
#
# Behaviour  nanmean and nansum add float32 one by one into a float32. The mean of 8.4 million squared errors comes out
#            at 5,415 where it is 5,459, and the same errors backwards bring another mean. nansum of 20 million ones is
#            16,777,216. numpy's nanmean of the same array is right to seven digits.
# Guessed    That a faster nanmean returns numpy's, but for the last digits.
# Bears on   MSE and PSNR of large pictures: the error grows with the picture, and is of the size that often tells two
#            codecs apart. Give it float64.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 bottleneck==1.6.1
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import bottleneck
import numpy as np

print("bottleneck", version("bottleneck"), "numpy", version("numpy"))
picture = np.random.default_rng(0).integers(0, 256, (2000, 1400, 3)).astype(np.float32)
squares = (picture - 128) ** 2
exact = squares.mean(dtype=np.float64)
means = {
    "numpy": np.nanmean(squares),
    "bottleneck": bottleneck.nanmean(squares),
    "bottleneck, backwards": bottleneck.nanmean(squares.ravel()[::-1]),
    "bottleneck, float64": bottleneck.nanmean(squares.astype(np.float64)),
}
for name, mean in means.items():
    print(f"{name}: {mean:.4f}, off by {100 * (mean / exact - 1):.5f} %")
assert abs(means["numpy"] / exact - 1) < 1e-6 and abs(means["bottleneck, float64"] / exact - 1) < 1e-9
assert means["bottleneck"] < 0.995 * exact, "the mean is right now"
assert means["bottleneck"] != means["bottleneck, backwards"]
ones = bottleneck.nansum(np.ones(20_000_000, np.float32))
print("nansum of 20,000,000 ones:", int(ones))
assert ones == 2**24
print("seen: the mean of many float32 is low")
PY
