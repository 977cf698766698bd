#!/usr/bin/env bash
# evalica 0.4.2: once one method has won all its comparisons, bradley_terry() gives all methods the same score.
#
# Behaviour  a beats b, c and d in all of ten comparisons, b mostly beats c and c mostly beats d. All four get 0.000001,
#            and no warning. With one win of d over a in place of one loss the order is a, b, c, d. average_win_rate
#            orders them either way.
# Guessed    That the winner goes up to a limit and the others keep their order, which the data know, or a warning, as the
#            estimate of the winner is infinite.
# Bears on   Small studies, where a sweep is nothing rare: the best board there could be is a tie of all.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 evalica==0.4.2
"$room/venv/bin/python" -W error - <<'PY'
import evalica
from evalica import Winner

print("evalica", evalica.__version__)
sweep = [("a", other, 10, 0) for other in "bcd"]
rest = [("b", "c", 7, 3), ("b", "d", 8, 2), ("c", "d", 7, 3)]
almost = [("a", "b", 10, 0), ("a", "c", 10, 0), ("a", "d", 9, 1)]


def scores(method, pairs) -> dict[str, float]:
    one, two, winners = [], [], []
    for x, y, won, lost in pairs:
        one += [x] * (won + lost)
        two += [y] * (won + lost)
        winners += [Winner.X] * won + [Winner.Y] * lost
    return {name: float(value) for name, value in sorted(method(one, two, winners).scores.items())}


seen = {}
for name, pairs in (("a sweep", sweep + rest), ("one loss", almost + rest)):
    for method in (evalica.bradley_terry, evalica.average_win_rate):
        seen[name, method.__name__] = scores(method, pairs)
        print(f"{name}, {method.__name__}:", {key: round(value, 6) for key, value in seen[name, method.__name__].items()})


def order(key: tuple[str, str]) -> str:
    return "".join(sorted(seen[key], key=seen[key].get, reverse=True))


for name in ("a sweep", "one loss"):
    assert order((name, "average_win_rate")) == "abcd"
assert order(("one loss", "bradley_terry")) == "abcd"
equal = set(seen["a sweep", "bradley_terry"].values())
assert len(equal) == 1, "a sweep leaves an order now"
print("seen: after a sweep all are equal")
PY
