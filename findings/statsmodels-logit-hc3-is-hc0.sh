#!/usr/bin/env bash
# statsmodels 0.15.0: Logit, Probit and GLM give one and the same errors for HC0, HC1, HC2 and HC3.
#
# Behaviour  fit(cov_type='HC3') of Logit, Probit and GLM is accepted, the result's cov_type is HC3, and the standard
#            errors are those of HC0 to the last digit. Of OLS the four differ.
# Guessed    That a correction that isn't there for a model is refused, or that the name in the result is the one used.
# Bears on   Bradley-Terry by logistic regression with few judgments: errors that are taken as corrected for small
#            samples are not.
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
import statsmodels.api as sm

print("statsmodels", version("statsmodels"))
rng = np.random.default_rng(0)
seen = sm.add_constant(rng.normal(size=(40, 2)))
chosen = (rng.random(40) < 1 / (1 + np.exp(-seen[:, 1]))).astype(int)
kinds = ("HC0", "HC1", "HC2", "HC3")
models = {
    "OLS": sm.OLS(chosen, seen),
    "Logit": sm.Logit(chosen, seen),
    "Probit": sm.Probit(chosen, seen),
    "GLM": sm.GLM(chosen, seen, family=sm.families.Binomial()),
}
for name, model in models.items():
    quiet = {"disp": 0} if name in ("Logit", "Probit") else {}
    fits = [model.fit(cov_type=kind, **quiet) for kind in kinds]
    assert [fit.cov_type for fit in fits] == list(kinds)
    errors = [fit.bse for fit in fits]
    print(name, {kind: round(float(error[1]), 6) for kind, error in zip(kinds, errors, strict=True)})
    apart = max(float(np.abs(error - errors[0]).max()) for error in errors)
    if name == "OLS":
        assert apart > 1e-3
    else:
        assert apart == 0, f"{name} has corrections now"
print("seen: HC1 to HC3 are HC0 for all but OLS")
PY
