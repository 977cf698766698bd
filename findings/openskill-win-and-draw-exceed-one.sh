#!/usr/bin/env bash
# openskill 6.2.0: the chances of a win, a loss and a draw add up to more than 1.
#
# Behaviour  For two new players predict_win gives 0.5 and 0.5, and predict_draw 0.237 beside them: 1.237 in all. The
#            chances to win are those without ties; the chance of a draw isn't taken out of them.
# Guessed    That the three outcomes of a pair have chances that add up to 1.
# Bears on   Studies with a tie button: log loss or calibration of a forecast over left, right and tie.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check openskill==6.2.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from openskill.models import BradleyTerryFull, PlackettLuce, ThurstoneMostellerFull

print("openskill", version("openskill"))
for kind in (PlackettLuce, BradleyTerryFull, ThurstoneMostellerFull):
    model = kind()
    for gap in (0, 10):
        teams = [[model.rating(mu=25 + gap)], [model.rating(mu=25)]]
        wins, draw = model.predict_win(teams), model.predict_draw(teams)
        whole = sum(wins) + draw
        print(kind.__name__, f"{gap} apart: {wins[0]:.3f} + {wins[1]:.3f} + {draw:.3f} = {whole:.3f}")
        assert abs(sum(wins) - 1) < 1e-9 and draw > 0.1, "the chance of a draw is taken out now"
print("seen: win, loss and draw add up to more than 1")
PY
