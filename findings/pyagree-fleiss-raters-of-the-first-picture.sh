#!/usr/bin/env bash
# pyagree 0.0.4: Fleiss' kappa takes the number of raters from the first picture: 0.06 or 1.12, by the order.
#
# Behaviour  fleiss_kappa needs as many ratings of each picture, as Fleiss has it. It reads that number from the first
#            row and checks none of the others. With one picture that fewer (or more) raters saw, the value depends on
#            whether it is first, and lies above 1 or below -1: 1.12, or -2.87. Nothing is said.
# Guessed    An error, or a value that doesn't depend on the order of pictures.
# Bears on   Studies whose last pictures are half rated: sorted by time it looks sound, by name it doesn't.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pyagree==0.0.4
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from pyagree import fleiss_kappa

print("pyagree", version("pyagree"))
even = [[5, 1], [1, 5], [6, 0], [0, 6], [5, 1], [1, 5]]
few, many = [2, 1], [9, 2]


def kappa(rows):
    return float(fleiss_kappa(np.array(rows)))


all_alike = {kappa(even), kappa(even[::-1])}
got = {}
for name, odd in (("3 raters", few), ("11 raters", many)):
    got[name] = kappa([odd, *even]), kappa([*even, odd])
    print(f"one picture of {name}: first {got[name][0]:.3f}, last {got[name][1]:.3f}")
print(f"without it: {min(all_alike):.3f}")
assert len({round(value, 12) for value in all_alike}) == 1
for first, last in got.values():
    assert abs(first - last) > 0.2, "the order of pictures doesn't matter any more"
assert got["11 raters"][1] > 1 and got["3 raters"][0] < -1, "the values are those of an agreement now"
print("seen: the first picture's raters are taken for all")
PY
