#!/usr/bin/env bash
# mc4 2.3.0: a method that no list ranks comes second, above those that all lists rank.
#
# Behaviour  Three equal lists rank a, b, c and d in this order. With d's three ranks missing (NaN) the result is a, d, b, c;
#            with two missing too, though the list that has d puts it last. A comparison with a missing rank counts as
#            a win for neither side, and the chain then moves to d from everywhere. Nothing is raised. algo="mct" puts
#            it above c.
# Guessed    That a missing rank is refused, means the end of the list, or leaves the pair out.
# Bears on   Boards put together of several lists, where one method failed on most pictures: failing lifts it.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 mc4==2.3.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import pandas as pd
from mc4.algorithm import mc4_aggregator

print("mc4", version("mc4"), "pandas", version("pandas"))


def ranked(*ranks_of_d: float, algo: str = "mc4") -> str:
    lists = pd.DataFrame([[1.0] * 3, [2.0] * 3, [3.0] * 3, ranks_of_d], index=list("abcd"), columns=["one", "two", "three"])
    ranks = mc4_aggregator(lists, algo=algo, header_row=0, index_col=0)
    print(f"{algo}, d ranked {ranks_of_d}: {ranks}")
    return "".join(sorted(ranks, key=ranks.get))


nan = np.nan
assert ranked(4, 4, 4) == "abcd"
for ranks in ((4, nan, nan), (nan, nan, nan)):
    assert ranked(*ranks) == "adbc", "a missing rank is something else now"
assert ranked(4, nan, nan, algo="mct") == "abdc"
print("seen: the one left out comes second")
PY
