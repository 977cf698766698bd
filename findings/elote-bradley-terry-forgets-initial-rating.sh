#!/usr/bin/env bash
# elote 1.5.1: a BradleyTerryCompetitor forgets its initial_rating at its first bout; others keep theirs.
#
# Behaviour  Two competitors that begin at 1800 and 1200 and tie once stand at 1500 both. One that has not played
#            stays at its 2000, and leads. The package's Elo and Glicko move from the initial rating.
# Guessed    That the initial rating is a prior, or that a model without one refuses it.
# Bears on   Bringing in a method with a known rating: it holds until the first judgment, and ranks beside fitted ones
#            until then.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.3 scipy==1.17.1 elote==1.5.1
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from elote import BradleyTerryCompetitor, EloCompetitor

print("elote", version("elote"))
ratings = {}
for kind in (BradleyTerryCompetitor, EloCompetitor):
    strong, weak, absent = (kind(initial_rating=rating) for rating in (1800, 1200, 2000))
    strong.tied(weak)
    ratings[kind] = [round(one.rating, 2) for one in (strong, weak, absent)]
    print(kind.__name__, "after one tie of 1800 and 1200, beside 2000:", *ratings[kind])
assert ratings[BradleyTerryCompetitor] == [1500, 1500, 2000], "initial ratings count now"
assert ratings[EloCompetitor][0] > 1700 and ratings[EloCompetitor][1] < 1300, "Elo forgets them too"
print("seen: the first bout wipes out where a competitor began")
PY
