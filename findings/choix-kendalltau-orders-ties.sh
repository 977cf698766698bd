#!/usr/bin/env bash
# choix 0.4.1: the Kendall distance from a tie is 0 or the whole, by the order of the list.
#
# Behaviour  kendalltau_dist sorts by value and lets equal parameters stand in the order of the list. From (0, 0, 0)
#            to (0, 1, 2) the distance is 0, to (2, 1, 0) it is 3, the largest there is for three items. footrule_dist
#            is 2 for both.
# Guessed    That a tie is as far from either order: both 0, or half of the pairs (Kemeny's convention).
# Bears on   Comparing a PSNR order that has ties with a human one: the answer depends on the order in which methods
#            are listed.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.3 scipy==1.17.1 choix==0.4.1
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import choix

print("choix", version("choix"))
tied, up, down = [0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [2.0, 1.0, 0.0]
kendall = choix.kendalltau_dist(tied, up), choix.kendalltau_dist(tied, down)
footrule = choix.footrule_dist(tied, up), choix.footrule_dist(tied, down)
print("kendalltau_dist from a tie, up and down:", *kendall)
print("footrule_dist from a tie, up and down:", *footrule)
assert kendall == (0, 3), "ties are not ordered by position any more"
assert footrule[0] == footrule[1], "footrule_dist depends on the order now"
print("seen: a tie counts as the order of the list")
PY
