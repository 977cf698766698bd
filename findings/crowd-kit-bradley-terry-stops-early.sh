#!/usr/bin/env bash
# crowd-kit 1.4.2: BradleyTerry stops after two steps, whatever n_iter and tol say, far from the estimate.
#
# Behaviour  n_iter=2 and n_iter=10,000 with tol=1e-12 give the same scores. On a chain of items each of which wins 60
#            % against the next, neighbours' scores should have a ratio of 1.5; they come out at 1.1 to 1.3.
# Guessed    That it iterates until the change is below tol.
# Bears on   crowd-kit as a second opinion on a ranking: differences are its own, and worst where few pairs are
#            compared.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 pandas==2.3.3 scikit-learn==1.9.1 \
    attrs==26.1.0 tqdm==4.70.1 nltk==3.10.4 choix==0.4.1
# Its other needs, transformers among them, are not used here.
"$room/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps crowd-kit==1.4.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import choix
import numpy as np
import pandas as pd
from crowdkit.aggregation import BradleyTerry

print("crowd-kit", version("crowd-kit"), "choix", version("choix"))
rows, pairs = [], []
for place, (left, right) in enumerate(("ab", "bc", "cd")):
    rows += [("rater", left, right, left)] * 6 + [("rater", left, right, right)] * 4
    pairs += [(place, place + 1)] * 6 + [(place + 1, place)] * 4
judged = pd.DataFrame(rows, columns=["worker", "left", "right", "label"])


def ratios(n_iter: int) -> list[float]:
    scores = BradleyTerry(n_iter=n_iter, tol=1e-12).fit_predict(judged)
    return [round(float(scores[one] / scores[two]), 4) for one, two in ("ab", "bc", "cd")]


exact = np.exp(-np.diff(choix.mm_pairwise(4, pairs)))
print("ratios, 2 steps:", ratios(2), "10,000 steps:", ratios(10_000), "choix:", exact.round(4).tolist())
assert np.allclose(exact, 1.5, atol=1e-3)
assert ratios(2) == ratios(10_000), "more steps count now"
assert max(ratios(10_000)) < 1.4, "the estimate is reached now"
print("seen: two steps, whatever is asked for")
PY
