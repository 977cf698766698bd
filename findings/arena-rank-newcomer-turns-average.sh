#!/usr/bin/env bash
# arena-rank 0.1.1: beside a million battles of others, a newcomer's own battles count for nothing; its interval shrinks.
#
# Behaviour  Three methods; the newcomer has 9 wins of 16. Beside 10,000 battles of the other two (all even) it is rated
#            1029 within +-112; beside 1,000,000 such battles 1000.00 within +-43. Two causes: fitting stops by the mean
#            loss per battle, which the newcomer hardly moves, and the interval's Hessian gets 0.00001 per battle of the
#            whole file on its diagonal, ten here, more than the newcomer's own information of four.
# Guessed    That 16 battles tell the same of a method however often two others of equal strength meet.
# Bears on   Comparing our rankings with this package's where a method joined late: look at its least judged one.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check arena-rank==0.1.1
cd "$room"
JAX_PLATFORMS=cpu "$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import pandas as pd
from arena_rank.models.bradley_terry import BradleyTerry
from arena_rank.utils.data_utils import PairDataset

print("arena-rank", version("arena-rank"))


def rated(others):
    """Return the newcomer's rating and half its interval, `others` battles being between the others."""
    wins = [("a", "b", others // 2, others // 2), ("new", "a", 5, 3), ("new", "b", 4, 4)]
    rows = []
    for first, second, won, lost in wins:
        rows += [(first, second, "model_a")] * won + [(first, second, "model_b")] * lost
    data = PairDataset.from_pandas(pd.DataFrame(rows, columns=["model_a", "model_b", "winner"]))
    fit = BradleyTerry(n_competitors=3).compute_ratings_and_cis(data)
    at = fit["competitors"].index("new")
    rating, half = float(fit["ratings"][at]), float(fit["rating_upper"][at] - fit["rating_lower"][at]) / 2
    print(f"{others:9,} battles of the others: {rating:.2f} +- {half:.1f}")
    return rating, half


rating, half = rated(10_000)
assert 1028 < rating < 1031 and 110 < half < 115
rating, half = rated(1_000_000)
assert abs(rating - 1000) < 0.1 and half < 50, "the newcomer keeps its own rating now"
print("seen: the newcomer is average, and surer of it")
PY
