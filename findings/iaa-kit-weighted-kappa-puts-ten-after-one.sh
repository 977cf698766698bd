#!/usr/bin/env bash
# iaa-kit 0.1.2: weighted kappa of a scale from 1 to 10 takes 10 as the neighbour of 1: 0.69 instead of 0.99.
#
# Behaviour  weighted_kappa sorts the labels as text, so that 10 stands between 1 and 2, and counts distances by place.
#            Raters who differ by one between 9 and 10 are eight apart. From 1 to 9 the value is scikit-learn's.
# Guessed    That numbers are in the order of numbers, as the weights are of an ordered scale.
# Bears on   Agreement on scales that reach 10 or 100: it falls with the raters' use of the top.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scikit-learn==1.9.1 iaa-kit==0.1.2
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from iaa_kit.cohen import weighted_kappa
from sklearn.metrics import cohen_kappa_score

print("iaa-kit", version("iaa-kit"), "scikit-learn", version("scikit-learn"))
one, other = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 3]
for weight in ("linear", "quadratic"):
    whole = (weighted_kappa(one, other, weight), cohen_kappa_score(one, other, weights=weight))
    nine = [min(rating, 9) for rating in one], [min(rating, 9) for rating in other]
    capped = (weighted_kappa(*nine, weight), cohen_kappa_score(*nine, weights=weight))
    print(f"{weight}: 1 to 10 {whole[0]:.3f} (scikit-learn {whole[1]:.3f}), 1 to 9 {capped[0]:.3f} ({capped[1]:.3f})")
    assert whole[0] < whole[1] - 0.1, "10 comes after 9 now"
    assert abs(capped[0] - capped[1]) < 1e-9
print("seen: 10 is the neighbour of 1")
PY
