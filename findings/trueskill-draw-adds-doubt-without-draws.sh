#!/usr/bin/env bash
# trueskill 0.4.5: with a draw probability of 0, a draw makes both ratings less certain than the prior.
#
# Behaviour  TrueSkill(draw_probability=0).rate_1vs1(a, b, drawn=True) takes the draw and returns sigma 9.59 for both,
#            above the prior's 8.33; with the default probability of 0.1 it falls to 6.46. Nothing is said.
# Guessed    An error, since the model gives a draw no chance, or no change. A result never takes information away in
#            this model.
# Bears on   Replaying judgments in which ties were allowed for a while: intervals grow with each tie.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check trueskill==0.4.5
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import trueskill

print("trueskill", version("trueskill"))
sigmas = {}
for chance in (0.1, 0):
    model = trueskill.TrueSkill(draw_probability=chance)
    one, two = model.rate_1vs1(model.create_rating(), model.create_rating(), drawn=True)
    sigmas[chance] = one.sigma
    print(f"draw_probability {chance}: sigma {model.sigma:.3f} -> {one.sigma:.3f} and {two.sigma:.3f}")
assert sigmas[0.1] < 25 / 3, "a draw teaches nothing any more"
assert sigmas[0] > 25 / 3 + 1, "an impossible draw does not add doubt any more"
print("seen: an impossible draw is taken, and adds doubt")
PY
