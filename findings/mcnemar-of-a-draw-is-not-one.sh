#!/usr/bin/env bash
# statsmodels 0.15.0 and mlxtend 0.25.0: McNemar's test of 4 against 4 says p = 0.72, not 1.
#
# Behaviour  With the continuity correction, which both apply by default to the chi-square form, one is taken from a
#            difference of 0 and squared: the statistic of a perfect draw is 1/8, as large as that of 5 against 3. R's
#            mcnemar.test corrects only where there is a difference, and says 1. The exact forms say 1.
# Guessed    That a perfect draw can't be told apart from chance at all: statistic 0, p = 1.
# Bears on   Comparing two metrics on the same pairs: draws look like weak evidence. Use the exact form.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.5 scipy==1.17.1 statsmodels==0.15.0 mlxtend==0.25.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from mlxtend.evaluate import mcnemar as of_mlxtend
from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

print("statsmodels", version("statsmodels"), "mlxtend", version("mlxtend"))
p_values = {}
for name, table in {"4:4": [[10, 4], [4, 5]], "5:3": [[10, 5], [3, 5]]}.items():
    counts = np.array(table)
    p_values[name] = (
        float(of_statsmodels(counts, exact=False).pvalue),
        float(of_mlxtend(counts)[1]),
        float(of_statsmodels(counts, exact=True).pvalue),
    )
    print(name, "statsmodels, mlxtend, exact:", *(f"{p:.4f}" for p in p_values[name]))
assert p_values["4:4"][0] < 0.73 and p_values["4:4"][1] < 0.73, "a draw has p = 1 now"
assert p_values["4:4"][0] == p_values["5:3"][0], "a draw differs from 5 against 3 now"
assert p_values["4:4"][2] == 1, "the exact form is not 1"
print("seen: a perfect draw and 5 against 3 have one p-value")
PY
