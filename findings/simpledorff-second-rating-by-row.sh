#!/usr/bin/env bash
# simpledorff 0.0.2: of two ratings by one rater of one picture the upper row counts; alpha moves with the order.
#
# Behaviour  calculate_krippendorffs_alpha_for_df makes a table of raters by pictures and keeps the first row of each
#            cell. A rater who saw a picture twice and changed the answer counts with one of the two: alpha is 0.64 or
#            0.57 for the same judgments, as the frame is sorted. Nothing is said.
# Guessed    That a doubled cell is refused, or that the result does not depend on the order of the rows.
# Bears on   Studies with repeated trials, as those that ask how steady a rater is: sorting by time or by
#            picture changes the agreement. Take one of the two by a rule first.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 simpledorff==0.0.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import pandas as pd
import simpledorff

print("simpledorff", version("simpledorff"), "pandas", version("pandas"))
answers = {"first": (1, 1), "second": (2, 2), "third": (1, 1), "fourth": (2, 1), "fifth": (2, 2)}
once = [(picture, rater, answer) for picture, pair in answers.items() for rater, answer in zip("ab", pair, strict=True)]
judgments = pd.DataFrame([*once, ("first", "a", 2), ("fourth", "b", 2)], columns=["picture", "rater", "answer"])


def alpha(frame: pd.DataFrame) -> float:
    return float(simpledorff.calculate_krippendorffs_alpha_for_df(frame, "picture", "rater", "answer"))


found = {"as they came": alpha(judgments), "latest first": alpha(judgments[::-1])}
found["by answer, falling"] = alpha(judgments.sort_values("answer", ascending=False, kind="stable"))
for name, value in found.items():
    print(f"rows {name}: alpha {value:.3f}")
assert len({round(value, 3) for value in found.values()}) > 1, "the order of the rows doesn't count any more"
shuffled = [alpha(pd.DataFrame(once, columns=judgments.columns).sample(frac=1, random_state=seed)) for seed in range(3)]
assert max(shuffled) - min(shuffled) < 1e-12, "without repetitions the order counted too"
print("seen: alpha moves with the order of rows")
PY
