#!/usr/bin/env bash
# bd-metric 0.9.0: BD_RATE and BD_PSNR with piecewise=1 sort rates and PSNRs each for itself.
#
# Behaviour  With piecewise=1 the two columns of a curve are sorted apart before they are interpolated. A curve with a
#            dip (30, 34, 33, 36 dB) counts as if it had none, and one that falls from 36 to 30 dB as if it rose: all
#            three have the same BD-rate to the last digit.
# Guessed    That points are sorted as points, and that a curve that isn't monotone is refused, or differs.
# Bears on   Measures where less is better (LPIPS, MSE) and codecs with a faulty point: both pass unseen.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.11.4 bd-metric==0.9.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from bd_metric.bjontegaard_metric import BD_PSNR, BD_RATE

print("bd-metric", version("bd-metric"))
rates, anchor = [100.0, 200.0, 400.0, 800.0], [30.0, 33.0, 36.0, 39.0]
curves = {"rising": [30.0, 33, 34, 36], "dip": [30.0, 34, 33, 36], "falling": [36.0, 34, 33, 30]}
got = {}
for name, curve in curves.items():
    got[name] = (BD_RATE(rates, anchor, rates, curve, piecewise=1), BD_PSNR(rates, anchor, rates, curve, piecewise=1))
    print(f"{name}: BD-rate {got[name][0]:+.3f} %, BD-PSNR {got[name][1]:+.3f} dB")
assert got["rising"] == got["dip"] == got["falling"], "the points are kept together now"
print("seen: rising, dip and falling are one curve")
PY
