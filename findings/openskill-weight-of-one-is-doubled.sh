#!/usr/bin/env bash
# openskill 6.2.0: weights of 1 for teams of one count as 2; for teams of two they count as 1.
#
# Behaviour  rate() scales the weights of each team to 1 to 2. A team of one has nothing to be scaled against and gets
#            2, whatever was given: 1, 3 or 0.5. The winner then moves twice as far as without weights and the loser
#            half as far, so that points come out of nothing. Two equal weights in a team of two change nothing.
# Guessed    That equal weights are the same as no weights, and that a weight of 3 is more than one of 1.
# Bears on   Judgments of pairs weighted by a rater's reliability: the weight is lost and the scale drifts upward.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check openskill==6.2.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from openskill.models import BradleyTerryFull, PlackettLuce

print("openskill", version("openskill"))
for kind in (PlackettLuce, BradleyTerryFull):
    model = kind()

    def moves(size: int, weight: float | None) -> tuple[float, float]:
        teams = [[model.rating() for _ in range(size)] for _ in range(2)]
        weights = None if weight is None else [[weight] * size] * 2
        won, lost = model.rate(teams, weights=weights)
        return round(won[0].mu - 25, 3), round(lost[0].mu - 25, 3)

    for size in (1, 2):
        print(kind.__name__, f"teams of {size}:", {weight: moves(size, weight) for weight in (None, 0.5, 1.0, 3.0)})
    up, down = moves(1, None)
    assert up == -down
    assert moves(1, 1.0) == moves(1, 3.0) == moves(1, 0.5), "the weight of one counts now"
    heavy_up, heavy_down = moves(1, 1.0)
    assert abs(heavy_up - 2 * up) < 0.01 and abs(heavy_down - down / 2) < 0.01, "a weight of 1 is not 2 any more"
    assert moves(2, None) == moves(2, 1.0)
print("seen: any weight of a team of one counts as 2")
PY
