#!/usr/bin/env bash
# statsmodels 0.15.0: aggregate_raters takes a missing rating as a category of its own, and Fleiss' kappa with it.
#
# Behaviour  A NaN in the ratings becomes a last column of counts, named nan, and fleiss_kappa takes the table as
#            whole. Six pictures on which the raters agree wherever they rated get 0.31 instead of 1. A picture that
#            nobody rated counts as one on which all agree.
# Guessed    That a missing rating is refused, as Fleiss' kappa needs as many ratings of each, or left out.
# Bears on   Raters who skip: agreement falls, or rises, with who skipped what.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 scipy==1.17.1 \
    statsmodels==0.15.0 krippendorff==0.9.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import krippendorff
import numpy as np
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

print("statsmodels", version("statsmodels"), "krippendorff", version("krippendorff"))
gap = np.nan
ratings = np.array([[1, 1, gap], [2, 2, gap], [1, 1, 1], [2, 2, gap], [1, 1, 1], [2, 2, gap]])
counts, names = aggregate_raters(ratings)
kappa = fleiss_kappa(counts)
alpha = krippendorff.alpha(ratings.T, level_of_measurement="nominal")
print("categories", names, "counts", counts.tolist())
print(f"Fleiss' kappa {kappa:.3f}, Krippendorff's alpha {alpha:.3f}")
assert alpha == 1
assert len(names) == 3 and np.isnan(names[-1]), "missing ratings are no category any more"
assert kappa < 0.5, "missing ratings do not count any more"
unrated = aggregate_raters(np.vstack([ratings, [gap] * 3]))[0]
print("a picture that nobody rated:", unrated[-1].tolist())
assert unrated[-1].max() == 3 and fleiss_kappa(unrated) > kappa, "an unrated picture is no agreement any more"
print("seen: missing ratings are a category")
PY
