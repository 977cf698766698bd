#!/usr/bin/env bash
# irrCAC 0.4.4: krippendorff() with ordinal weights is not Krippendorff's ordinal alpha, nominal and interval are.
#
# Behaviour  On the same ratings krippendorff and irrCAC agree to five digits for nominal data, for interval (quadratic
#            weights) and for ratio. With weights='ordinal' irrCAC uses Gwet's ordinal weights, of the ranks alone;
#            Krippendorff's ordinal distance also counts how often each value is used. 0.833 against 0.805 here.
# Guessed    That the same level of measurement by the same coefficient is the same number, as for the other three.
# Bears on   Agreement of raters on ordered scales beside published values: name the weights, not only alpha.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 pandas==2.3.3 scipy==1.12.0 \
    krippendorff==0.9.0 irrCAC==0.4.4
"$room/venv/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC

warnings.simplefilter("ignore")
print("irrCAC", version("irrCAC"), "krippendorff", version("krippendorff"))
gap = np.nan
ratings = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, gap],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5],
        [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5],
    ]
)
far = {}
for level, weights in (("nominal", "identity"), ("interval", "quadratic"), ("ratio", "ratio"), ("ordinal", "ordinal")):
    one = krippendorff.alpha(ratings, level_of_measurement=level)
    two = CAC(pd.DataFrame(ratings.T), weights=weights).krippendorff()["est"]["coefficient_value"]
    far[level] = abs(one - two)
    print(f"{level}: krippendorff {one:.5f}, irrCAC {two:.5f}")
assert max(far["nominal"], far["interval"], far["ratio"]) < 1e-4
assert far["ordinal"] > 0.02, "the ordinal coefficients agree now"
print("seen: ordinal alpha differs, the other levels agree")
PY
