#!/usr/bin/env bash
# evalica 0.4.2: eigen() scores the losers highest; its other six methods score the winners highest.
#
# Behaviour  On the same comparisons, where a mostly beats b, b mostly c and c mostly d, bradley_terry, newman,
#            pagerank and counting order them a, b, c, d, and eigen d, c, b, a: it takes the leading vector of the
#            matrix of losses. Both solvers do.
# Guessed    That every method of the package has its best item first, as its results are sorted from the highest score
#            down.
# Bears on   Checks of a ranking against a second package: Spearman's rho comes out as -1.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 evalica==0.4.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import evalica

print("evalica", version("evalica"))
won, lost = [], []
for place, better in enumerate("abcd"):
    for worse in "abcd"[place + 1 :]:
        won += [better] * 4 + [worse]
        lost += [worse] * 4 + [better]
winners = [evalica.Winner.X] * len(won)


def order(name: str, solver: str) -> str:
    scores = getattr(evalica, name)(won, lost, winners, solver=solver).scores
    print(f"{name}, {solver}: {scores.round(3).to_dict()}")
    return "".join(scores.sort_values(ascending=False).index)


for solver in ("pyo3", "naive"):
    for name in ("bradley_terry", "newman", "pagerank", "counting"):
        assert order(name, solver) == "abcd"
    assert order("eigen", solver) == "dcba", "eigen puts winners first now"
print("seen: eigen puts the losers first")
PY
