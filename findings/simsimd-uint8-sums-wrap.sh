#!/usr/bin/env bash
# simsimd 6.5.16: the squared distance of two uint8 vectors wraps around at 32 bits, without a word.
#
# Behaviour  simsimd.sqeuclidean and simsimd.dot of uint8 arrays add up in 32 signed bits. From 33,026 samples on
#            (black against white; a picture of 182 x 182 in one channel) the sum wraps: it comes out negative, or
#            too small, as a Python float. Below that it is exact.
# Guessed    That a distance that is returned as a 64-bit float is added up in 64 bits, or refused.
# Bears on   MSE and PSNR of whole pictures: the sum has to be taken in pieces of at most 33,025 samples.
# Seen       2026-11-29, CPython 3.11, x86-64 with AVX2.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 simsimd==6.5.16
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import simsimd

print("simsimd", version("simsimd"), "numpy", version("numpy"))


def both(samples: int) -> tuple[float, int]:
    black, white = np.zeros(samples, np.uint8), np.full(samples, 255, np.uint8)
    exact = int(((black.astype(np.int64) - white) ** 2).sum())
    return simsimd.sqeuclidean(black, white), exact


for samples in (33_025, 33_026, 200_000):
    got, exact = both(samples)
    print(f"{samples:>7} samples: {got:.0f}, exact {exact}")
assert both(33_025)[0] == both(33_025)[1], "small sums are exact"
got, exact = both(33_026)
assert got < 0 < exact, "the sum does not wrap any more"
got, exact = both(200_000)
assert got < exact / 10, "the sum does not wrap any more"
print("seen: the sum wraps around at 32 signed bits")
PY
