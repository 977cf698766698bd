#!/usr/bin/env bash
# psychofit 1.0.0.post0: the same trials fit another curve when the levels are given in a unit ten times smaller.
#
# Behaviour  mle_fit_psycho allows slopes up to 10 by default, and starts at 3, in the unit of the levels. Exact shares
#            from -8 to 8 are fitted exactly, as they are divided by 10 or 100. Times 10 the slope, which should be
#            40, stops at 10, the guessing rate rises from 0.02 to 0.10 to make up for it, and the curve is off by up
#            to 0.2. Nothing is said.
# Guessed    That the curve doesn't depend on the unit, as the threshold's bounds follow the levels.
# Bears on   Thresholds over levels like quality 0 to 100 or bits: hand over parmax, or divide the levels first.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 psychofit==1.0.0.post0
"$room/venv/bin/python" -W ignore - <<'PY'
from importlib.metadata import version

import numpy as np
from psychofit import erf_psycho, mle_fit_psycho

print("psychofit", version("psychofit"))
levels = np.arange(-8.0, 9.0, 2.0)
shares = erf_psycho([0.5, 4, 0.02], levels)
trials = np.full(levels.size, 40)


def fitted(unit: float, **bounds) -> float:
    np.random.seed(0)
    found, _ = mle_fit_psycho(np.vstack([levels * unit, trials, shares]), "erf_psycho", **bounds)
    off = float(np.abs(erf_psycho(found, levels * unit) - shares).max())
    said = f"levels times {unit:g}{' with parmax' if bounds else ''}"
    print(f"{said}: slope {found[1]:.2f}, rate {found[2]:.3f}, curve off by up to {off:.3f}")
    return off


assert max(fitted(0.01), fitted(0.1), fitted(1)) < 0.001
assert fitted(10) > 0.1, "the bounds follow the levels now"
assert fitted(10, parstart=np.array([0, 30, 0.05]), parmax=np.array([80, 100, 0.4])) < 0.001
print("seen: the unit decides the curve")
PY
