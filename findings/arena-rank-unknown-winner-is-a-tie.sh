#!/usr/bin/env bash
# arena-rank 0.1.1: a winner it has no word for counts as a tie; "left" and "right", or capitals, rank all as equal.
#
# Behaviour  PairDataset.from_pandas maps model_a and model_b to 1 and 0 and every other text to a half, without a word:
#            also "Model_A", "left", a misspelling, and a missing answer. Ten of ten wins become ten ties.
# Guessed    An error that names the value, or rows left out; at most that "tie" and "both_bad" are ties.
# Bears on   Handing our exports (left, right) to this package: turn choices into its two words first, and count ties.
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


def rated(word, other):
    rows = [("a", "b", word)] * 9 + [("a", "b", other)]
    data = PairDataset.from_pandas(pd.DataFrame(rows, columns=["model_a", "model_b", "winner"]))
    fit = BradleyTerry(n_competitors=2).compute_ratings_and_cis(data)
    ratings = dict(zip(fit["competitors"], (round(float(one)) for one in fit["ratings"])))
    print(f"nine times {word!r}, once {other!r}: {ratings}")
    return ratings


assert rated("model_a", "model_b") == {"a": 1191, "b": 809}
for words in (("left", "right"), ("Model_A", "Model_B"), (None, "model_bb")):
    assert rated(*words) == {"a": 1000, "b": 1000}, "unknown winners are told now"
print("seen: what it doesn't know is a tie")
PY
