#!/usr/bin/env bash
# weightedstats 0.4.1: the weighted median of equal weights depends on their unit: of 1 to 6 it is 3.5, or 3 with tenths.
#
# Behaviour  weighted_median adds weights up and asks whether a sum equals half of all, exactly, in floating point. Where
#            it does not by a rounding, one of the two middle values is taken in place of their mean. With weights of 0.1, seven of
#            the even numbers of values from 2 to 22 are affected, some upward, some downward. The variant for numpy
#            does the same.
# Guessed    That all weights times a number give the same median, as the package's own mean does.
# Bears on   Medians over pictures or raters whose weights are shares, such as strata that sum to 1.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check weightedstats==0.4.1 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import weightedstats

print("weightedstats", version("weightedstats"), "numpy", version("numpy"))


def medians(weight, take):
    return {n: float(take(list(range(1, n + 1)), [weight] * n)) for n in range(2, 24, 2)}


right = {n: (n + 1) / 2 for n in range(2, 24, 2)}
for take in (weightedstats.weighted_median, weightedstats.numpy_weighted_median):
    assert medians(1, take) == right
    got = medians(0.1, take)
    off = {n: f"{got[n]:g} for {right[n]:g}" for n in right if got[n] != right[n]}
    print(take.__name__, "with weights of 0.1:", off)
    assert got[6] == 3 and got[22] == 12, "the unit no longer matters"
assert weightedstats.weighted_mean([1, 2, 3, 4, 5, 6], [0.1] * 6) == 3.5
print("seen: six values of weight 0.1 have the median 3, of weight 1 3.5")
PY
