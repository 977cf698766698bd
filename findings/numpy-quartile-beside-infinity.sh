#!/usr/bin/env bash
# numpy 2.4.6 and pandas 3.1.1: the upper quartile of 30, 31, 32, 33, inf is not a number; elsewhere it is 33.
#
# Behaviour  The quartile of five values is the fourth, no interpolation needed. numpy and pandas still add nothing
#            times the distance to the fifth, and nothing times infinity is NaN. polars, DuckDB and pyarrow say 33. With a
#            sixth value the quartile lies between two finite ones, and all agree.
# Guessed    That a quantile which is one of the values is that value.
# Bears on   Boxes and quartiles of PSNR with a lossless picture among them: they vanish with some counts of pictures
#            and stand with others.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1 polars==2.1.0 \
    duckdb==2.0.1 pyarrow==26.0.1
"$room/venv/bin/python" -W ignore - <<'PY'
import math
from importlib.metadata import version

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from pyarrow import compute

print(*(f"{name} {version(name)}" for name in ("numpy", "pandas", "polars", "duckdb", "pyarrow")))
asked = "SELECT quantile_cont(v, 0.75) FROM (SELECT unnest(?) v)"
quartiles = {
    "numpy": lambda values: float(np.quantile(values, 0.75)),
    "pandas": lambda values: float(pd.Series(values).quantile(0.75)),
    "polars": lambda values: float(pl.Series(values).quantile(0.75, interpolation="linear")),
    "duckdb": lambda values: duckdb.execute(asked, [values]).fetchone()[0],
    "pyarrow": lambda values: compute.quantile(pa.array(values), 0.75)[0].as_py(),
}
five, six = [30.0, 31.0, 32.0, 33.0, math.inf], [30.0, 31.0, 32.0, 33.0, 34.0, math.inf]
for name, quartile in quartiles.items():
    of_five, of_six = quartile(five), quartile(six)
    print(f"{name}: of five {of_five}, of six {of_six}")
    assert of_six == 33.75
    assert math.isnan(of_five) if name in ("numpy", "pandas") else of_five == 33, f"{name} has another quartile now"
print("seen: two say nothing, three say 33")
PY
