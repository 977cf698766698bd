#!/usr/bin/env bash
# bjontegaard 1.3.0: with one flat step in a curve, cubic BD-rate is -97 %, akima -47 % and pchip +23 %.
#
# Behaviour  Two curves of four points at the same rates, both rising. The second is nowhere above the first, and has a
#            step of only 0.1 dB in the middle. method='cubic' reports that it saves 97 % of the rate, 'akima' 47 %,
#            'pchip' that it costs 23 % more. No warning is given, as the curves overlap by four fifths. BD-PSNR of all
#            three is -0.65 dB.
# Guessed    That the methods differ in digits, as they do on usual curves, not in sign, and that BD-rate and BD-PSNR
#            of one pair never contradict each other.
# Bears on   BD-rate on boards and in papers: take pchip, and show BD-PSNR beside it.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 matplotlib==3.11.2 \
    bjontegaard==1.3.0
"$room/venv/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import bjontegaard

warnings.simplefilter("error")
print("bjontegaard", version("bjontegaard"))
rates = [100.0, 200.0, 400.0, 800.0]
anchor, test = [30.0, 33.0, 34.5, 35.5], [30.0, 33.0, 33.1, 34.5]
assert all(one >= two for one, two in zip(anchor, test, strict=True))
saved = {}
for method in ("cubic", "akima", "pchip"):
    saved[method] = float(bjontegaard.bd_rate(rates, anchor, rates, test, method=method))
    quality = float(bjontegaard.bd_psnr(rates, anchor, rates, test, method=method))
    print(f"{method}: BD-rate {saved[method]:+.1f} %, BD-PSNR {quality:+.2f} dB")
    assert -0.7 < quality < -0.6
assert saved["cubic"] < -90 and saved["akima"] < 0, "cubic and akima do not turn the sign any more"
assert saved["pchip"] > 20
print("seen: three methods, two signs")
PY
