#!/usr/bin/env bash
# elopy 0.1.4: each time the chance of a player away from home is asked for, the opponent's rating rises by 100.
#
# Behaviour  win_probs(opponent, is_home=False) adds the advantage of the home side to opponent.elo itself and leaves it
#            there. The same question asked five times gives 0.36, 0.24, 0.15, 0.09 and 0.05, and the opponent is at
#            2000. play_game(is_home=False) asks once for each game. With is_home=True, the default, nothing changes.
# Guessed    That a chance can be asked for without changing a rating, as the advantage of the home side is for one
#            game.
# Bears on   "Home" as the picture on the left: a comparison that is told from the right lifts the left one for good,
#            won or lost.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check elopy==0.1.4
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from elopy.elo import Elo

print("elopy", version("elopy"))
for is_home in (True, False):
    one, two = Elo(), Elo()
    chances = [round(one.win_probs(two, is_home=is_home), 3) for _ in range(5)]
    print(f"at home {is_home}: chances {chances}, ratings {one.elo} and {two.elo}")
    assert one.elo == 1500
    assert two.elo == (1500 if is_home else 2000), "asking changes nothing now"
    assert len(set(chances)) == (1 if is_home else 5)

one, two = Elo(), Elo()
for _ in range(10):
    one.play_game(two, 1, is_home=False)
    two.play_game(one, 1, is_home=False)
print(f"after ten wins of each: {one.elo:.0f} and {two.elo:.0f}, together {one.elo + two.elo:.0f}")
assert abs(one.elo + two.elo - 3000 - 20 * 100) < 1e-6, "the sum of ratings stays now"
print("seen: to ask is to change")
PY
