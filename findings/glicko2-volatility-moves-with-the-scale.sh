#!/usr/bin/env bash
# glicko2 2.1.0: a player's volatility depends on how far the rating is from 1500, the same results given.
#
# Behaviour  The step that finds the new volatility uses the rating, on a scale whose origin is 1500, where Glickman's
#            text has the deviation. Two players with the same results against opponents at the same distances, one at
#            1500 and one at 2500, get another volatility, deviation and rating. After sixty periods of changing form
#            it has grown to 0.066 at 1500, and stayed at 0.060 at 2500; the ratings are 5 points apart.
# Guessed    That only differences of ratings count, as in the text and in the package's other steps.
# Bears on   Checks against another Glicko-2: they agree on the text's own example, which is at 1500, to four digits.
#            Methods far from the starting rating never become volatile.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check glicko2==2.1.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from glicko2 import Player

print("glicko2", version("glicko2"))


def example(origin: float) -> tuple[float, float]:
    """Three results of the text's example, its ratings moved to an origin."""
    player = Player(origin, 200, 0.06)
    player.update_player([origin - 100, origin + 50, origin + 200], [30, 100, 300], [1, 0, 0])
    return player.rating - origin, player.rd


def changing_form(origin: float) -> tuple[float, float]:
    """Sixty periods: five in which all six are won, then five in which all are lost, and again."""
    player = Player(origin, 60, 0.06)
    for period in range(60):
        player.update_player([origin] * 6, [40] * 6, [int(period // 5 % 2 == 0)] * 6)
    return player.rating - origin, player.vol


moved, doubt = example(1500)
print(f"the text's example at 1500: {moved:+.2f}, deviation {doubt:.2f}")
assert (round(moved, 2), round(doubt, 2)) == (-35.95, 151.52)
ends = {}
for origin in (1500, 1600, 2500):
    ends[origin] = changing_form(origin)
    print(f"changing form at {origin}: {ends[origin][0]:+.2f}, volatility {ends[origin][1]:.5f}")
assert ends[1500][1] > 0.065 and abs(ends[2500][1] - 0.06) < 1e-4, "the volatility has become free of the scale"
assert abs(ends[1500][0] - ends[2500][0]) > 5
print("seen: the volatility depends on the rating itself")
PY
