#!/usr/bin/env bash
# statsmodels 0.15.0: clusters given as a Series are matched by position, while the data have a matching index.
#
# Behaviour  The groups for cov_type='cluster' are taken in the order of their rows, even where data and groups are of
#            pandas and hold the same index in another order. The errors are then those of shuffled clusters, and
#            nothing is said. endog and exog of different index are refused.
# Guessed    That a Series is aligned by its index, or refused like an exog that is not aligned.
# Bears on   Errors clustered by rater: sorting or filtering the raters' column on its own loses the clusters.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 \
    statsmodels==0.15.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import pandas as pd
import statsmodels.api as sm

print("statsmodels", version("statsmodels"), "pandas", version("pandas"))
rng = np.random.default_rng(0)
rater = pd.Series(np.repeat(np.arange(12), 20))
scores = pd.Series(rng.normal(size=240) + np.repeat(rng.normal(size=12) * 2, 20))
seen = pd.DataFrame({"constant": 1.0, "shown": rng.normal(size=240)})
shuffled = rater.sample(frac=1, random_state=1)
assert shuffled.sort_index().equals(rater)


def error(groups: pd.Series) -> float:
    return float(sm.OLS(scores, seen).fit(cov_type="cluster", cov_kwds={"groups": groups}).bse["constant"])


print(f"error of the mean: {error(rater):.4f}; groups in another order, same index: {error(shuffled):.4f}")
try:
    sm.OLS(scores, seen.loc[shuffled.index])
except ValueError as refused:
    print("exog in another order: ValueError,", refused)
else:
    raise AssertionError("exog in another order is taken now")
assert error(shuffled) < error(rater) / 2, "groups are aligned by index now"
print("seen: groups go by position, exog by index")
PY
