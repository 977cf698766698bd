#!/usr/bin/env bash
# bdci 0.0.5: by its cubic estimator a codec that needs twice the rate has a BD-rate of 0 %; by its splines of 100 %.
#
# Behaviour  CubicEstimator.estimate_integral fits a polynomial of third order, as the classic method does, and then
#            takes the difference of its values at both ends, where the others take the integral in between. Curves that
#            lie side by side have the same difference, so that any constant saving or loss is 0 %.
# Guessed    That "cubic" is the method of 2001, and that the estimators of one package differ in digits.
# Bears on   Confidence intervals and means of BD-rates from this package: nothing looks wrong for codecs of one family.
# Seen       2026-12-01, CPython 3.11, x86-64. The estimators' file is loaded by itself, as the package's front needs
#            torch.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==1.26.4 scipy==1.15.3
"$room/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps bdci==0.0.5
"$room/venv/bin/python" - <<'PY'
import math
import runpy
from importlib.metadata import distribution, version

import numpy as np

print("bdci", version("bdci"), "numpy", version("numpy"))
estimators = runpy.run_path(str(distribution("bdci").locate_file("bdci/estimators.py")))["ESTIMATOR_REGISTRY"]
rate = np.array([0.1, 0.2, 0.4, 0.8])
quality = np.array([28.0, 31.0, 33.5, 35.5])


def bd_rate(name, factor):
    estimate = estimators[name]().estimate_integral
    ends = (quality.min(), quality.max())
    gap = estimate(quality, np.log(factor * rate), *ends) - estimate(quality, np.log(rate), *ends)
    return 100 * math.expm1(gap / (ends[1] - ends[0]))


for name in estimators:
    got = [float(bd_rate(name, factor)) for factor in (0.5, 1.5, 2)]
    print(f"{name}: half, one and a half times and twice the rate: {', '.join(f'{value:.2f} %' for value in got)}")
    wanted = (0, 0, 0) if name == "cubic" else (-50, 50, 100)
    assert np.allclose(got, wanted, atol=1e-6), f"{name} is something else now"
print("seen: for the cubic estimator all rates are alike")
PY
