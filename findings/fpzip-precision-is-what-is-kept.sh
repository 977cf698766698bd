#!/usr/bin/env bash
# fpzip 1.2.5: precision is said to be "the number of bits to truncate", and is the number of bits that are kept.
#
# Behaviour  compress.__doc__ says that precision "indicates the number of bits to truncate". precision=4 of float32 keeps
#            four: the error is as large as the numbers. precision=28 is almost exact, 32 is lossless, and so is 0. Of
#            float64, 32 keeps the upper half.
# Guessed    That 4 loses four bits, less than 28 does, and that the step from 0 to 1 or 2 is the smallest.
# Bears on   Baselines for weights and features: the curve runs backwards, and a gentle setting keeps a sign and part of
#            an exponent.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 fpzip==1.2.5
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import fpzip
import numpy as np

print("fpzip", version("fpzip"), "numpy", version("numpy"))
said = " ".join(fpzip.compress.__doc__.split())
print("said:", said[said.index("precision indicates") :].split(".")[0])
assert "precision indicates the number of bits to truncate" in said, "the docstring says something else now"


def error(kind: type, precision: int) -> float:
    numbers = np.linspace(0, 1, 1000, dtype=kind)
    coded = fpzip.compress(numbers, precision=precision)
    worst = float(np.abs(fpzip.decompress(coded).ravel() - numbers).max())
    print(f"{np.dtype(kind)}, precision={precision}: {len(coded)} bytes, largest error {worst:.2g}")
    return worst


single = {precision: error(np.float32, precision) for precision in (0, 4, 16, 28, 32)}
assert single[0] == single[32] == 0
assert single[4] > 0.5 > 0.01 > single[16] > single[28] > 0, "precision is the number of bits lost now"
assert error(np.float64, 32) > 0
print("seen: precision is what is kept")
PY
