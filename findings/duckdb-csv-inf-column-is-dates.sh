#!/usr/bin/env bash
# DuckDB 2.0.1: a CSV column of nothing but inf is read as dates; one that starts with inf as text.
#
# Behaviour  Of a CSV with a header and a column psnr, where all values are inf, DuckDB makes a DATE (its infinite
#            date). Where inf stands first and numbers follow, as on a board sorted by psnr, it makes VARCHAR, and the
#            highest psnr is the last one in the alphabet: 9.5 above 30.5. The same rows with a number first are
#            DOUBLE. pyarrow reads all as double.
# Guessed    That inf is a number wherever it stands, as it is in a cast to DOUBLE.
# Bears on   Published tables of fidelity with lossless entries, whose PSNR is written as inf and sorts first.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1
"$room/venv/bin/python" - <<'PY'
import os
import tempfile
from importlib.metadata import version

import duckdb
import pyarrow.csv

print("duckdb", version("duckdb"), "pyarrow", version("pyarrow"))
with tempfile.TemporaryDirectory() as room:
    os.chdir(room)

    def types(*values: str) -> tuple[str, str]:
        with open("table.csv", "w") as table:
            table.write("method,psnr\n" + "".join(f"method {at},{value}\n" for at, value in enumerate(values)))
        got = str(duckdb.sql("from 'table.csv'").types[1]), str(pyarrow.csv.read_csv("table.csv").schema.types[1])
        print(values, "duckdb:", got[0], "pyarrow:", got[1])
        return got

    assert types("30.5", "9.5") == ("DOUBLE", "double")
    assert types("30.5", "inf", "9.5") == ("DOUBLE", "double")
    mixed = types("inf", "30.5", "9.5")
    top = duckdb.sql("select max(psnr) from 'table.csv' where psnr <> 'inf'").fetchall()
    print("highest psnr but inf:", top)
    alone = types("inf", "inf")
    os.chdir("/")
assert mixed == ("VARCHAR", "double"), "inf before numbers is a number now"
assert top == [("9.5",)]
assert alone == ("DATE", "double"), "inf alone is no date any more"
print("seen: inf alone is a date, inf before numbers text")
PY
