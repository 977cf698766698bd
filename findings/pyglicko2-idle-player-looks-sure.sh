#!/usr/bin/env bash
# pyglicko2 0.0.1a2: a player who sits out a hundred periods still shows a deviation of 50, and is rated with 116.
#
# Behaviour  update() without games raises the deviation on the inner scale alone; r, RD and the repr stay as they were
#            until the next game, which then moves the rating as for a doubtful player: by 25 points instead of 5 here.
#            RD of such a player is set again only by a game.
# Guessed    That RD grows with each period without games, as step 6 of Glickman's text has it, since it is what the
#            package shows.
# Bears on   Methods that are no longer in the draw: a board of ratings with intervals calls them as sure as on the last
#            day, and a copy made from r and RD is another player.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check pyglicko2==0.0.1a2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from pyglicko2 import Outcome, Player

print("pyglicko2", version("pyglicko2"))
idle, fresh = Player(1500, 50), Player(1500, 50)
for _ in range(100):
    idle.update()
print("after 100 periods without games:", idle, f"inside {idle.φ * 173.7178:.1f}")
shown, inside = idle.RD, idle.φ * 173.7178
idle.update([Player(1400, 30)], [Outcome.WIN])
fresh.update([Player(1400, 30)], [Outcome.WIN])
print(f"one win later: idle {idle.r:.1f} +- {idle.RD:.1f}, fresh {fresh.r:.1f} +- {fresh.RD:.1f}")
assert abs(inside - (50**2 + 100 * (0.06 * 173.7178) ** 2) ** 0.5) < 0.1
assert idle.r - 1500 > 3 * (fresh.r - 1500)
assert shown == 50, "RD grows without games now"
print("seen: idle players look sure")
PY
