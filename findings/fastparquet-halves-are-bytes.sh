#!/usr/bin/env bash
# fastparquet 2026.9.0: half-precision numbers that pyarrow wrote come back as bytes; lists it writes are JSON texts.
#
# Behaviour  Parquet's FLOAT16 is read as a column of objects, each of two raw bytes; pyarrow and polars read numbers. A
#            column of lists is written as JSON, which pyarrow reads as text and polars as bytes, and a pandas timedelta
#            as a time of day. Nothing is said. Other types go both ways.
# Guessed    That a column which can't be read as it is raises an error, and that lists are lists, as pyarrow writes them.
# Bears on   Features and latents in half precision, and lists of scores, in a published data set: which package a reader
#            has decides whether these are numbers.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  numpy==2.4.6 pandas==3.1.1 fastparquet==2026.9.0 pyarrow==26.0.1 polars==2.1.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import fastparquet
import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.parquet

print("fastparquet", version("fastparquet"), "pyarrow", version("pyarrow"), "polars", version("polars"))
halves = pyarrow.table({"latent": pyarrow.array(np.array([1, 0.5], np.float16)), "bpp": [0.15, 0.2]})
pyarrow.parquet.write_table(halves, "halves.parquet")
read = fastparquet.ParquetFile("halves.parquet").to_pandas()
print("fastparquet reads", read["latent"].tolist(), read["bpp"].tolist())
print("polars reads", polars.read_parquet("halves.parquet").rows())
assert polars.read_parquet("halves.parquet")["latent"].to_list() == [1, 0.5]
assert read["bpp"].tolist() == [0.15, 0.2]

frame = pandas.DataFrame({"scores": [[1, 2], [3]], "took": pandas.to_timedelta([1.5, 2.5], "s")})
fastparquet.write("lists.parquet", frame)
table = pyarrow.parquet.read_table("lists.parquet")
print("pyarrow reads", table.schema.types, table.column("scores").to_pylist(), table.column("took").to_pylist())
assert all(isinstance(each, bytes) for each in read["latent"]), "halves are numbers now"
assert all(isinstance(each, str) for each in table.column("scores").to_pylist()), "lists are lists now"
assert pyarrow.types.is_time(table.schema.field("took").type), "a duration is one now"
print("seen: halves are bytes, lists are texts")
PY
