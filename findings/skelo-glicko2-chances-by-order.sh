#!/usr/bin/env bash
# skelo 0.1.5: the Glicko-2 chances of a over b and of b over a add up to 0.74, or to 1.26, not to 1.
#
# Behaviour  compute_prob of the Glicko-2 model, by which predict_proba works, takes the doubt of the player named first
#            alone for one factor, and of both for the other. Where they differ, a 1600 of doubt 350 against a 1500 of
#            doubt 50 wins with 0.742 if named first; named second, the other one's chance is 0.0006 and so its own
#            0.9994. Of the package's Elo the two add up to 1.
# Guessed    That the chance of a result doesn't depend on which player is named first, and that doubt about a player
#            brings the chance nearer to a half.
# Bears on   Log loss or calibration of a forecast of judgments: it depends on which side a picture was shown.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 scikit-learn==1.9.1 \
    glicko2==2.1.0 skelo==0.1.5
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from skelo.model.elo import EloModel
from skelo.model.glicko2 import Glicko2Model

print("skelo", version("skelo"), "glicko2", version("glicko2"))


def both_ways(chance, one, other) -> tuple[float, float]:
    return float(chance(one, other)), float(chance(other, one))


elo = both_ways(EloModel.compute_prob, 1600.0, 1500.0)
print(f"Elo, 1600 and 1500: {elo[0]:.4f} + {elo[1]:.4f} = {sum(elo):.4f}")
assert abs(sum(elo) - 1) < 1e-12
sums = {}
for doubts in ((350.0, 50.0), (50.0, 350.0), (350.0, 350.0)):
    one, other = both_ways(Glicko2Model.compute_prob, (1600.0, doubts[0], 0.06), (1500.0, doubts[1], 0.06))
    sums[doubts] = one + other
    named = f"1600 of doubt {doubts[0]:.0f} and 1500 of doubt {doubts[1]:.0f}"
    print(f"Glicko-2, {named}: {one:.4f} + {other:.4f} = {sums[doubts]:.4f}")
assert sums[350.0, 50.0] < 0.75 and sums[50.0, 350.0] > 1.25, "the two chances have come nearer to 1"
assert abs(sums[350.0, 350.0] - 1) < 1e-12
print("seen: the chances depend on who is named first")
PY
