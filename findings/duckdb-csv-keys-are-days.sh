#!/usr/bin/env bash
# DuckDB 2.0.1: keys like 1-2-3 in a CSV are read as moments of the year 1; 2-1 and 1-2-33 make them text.
#
# Behaviour  A column whose values all have the look of year, month and day becomes TIMESTAMP or DATE, without zeros and for
#            any year: 1-2-3 (study, picture, pair) is 3 February of the year 1, and 10-11-12 a day of 2010. Keys of
#            0x1f and 0x2a become 31 and 42. As soon as one key can't be a date, as 1-2-33, all are text. polars and
#            pandas read text in each case.
# Guessed    That dates have four digits of a year, as in ISO 8601, and that the type of a key column doesn't change
#            with its thirty-third picture.
# Bears on   Published tables of judgments: joins on the key match in one file and not in the next. Give all_varchar, or
#            the types.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 polars==2.1.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import duckdb
import polars

print("duckdb", version("duckdb"), "polars", version("polars"))


def read(*keys: str) -> str:
    with open("table.csv", "w") as table:
        table.write("key,judgments\n" + "".join(f"{key},{at}\n" for at, key in enumerate(keys)))
    relation = duckdb.sql("from 'table.csv'")
    other = polars.read_csv("table.csv")["key"].to_list()
    print(keys, "duckdb:", relation.types[0], [row[0] for row in relation.fetchall()], "polars:", other)
    assert other == list(keys)
    return str(relation.types[0])


days = read("1-2-3", "4-5-6")
short = read("10-11-12", "1-2-3")
hexadecimal = read("0x1f", "0x2a")
assert read("1-2-3", "1-2-33") == read("2-1", "1-2") == "VARCHAR"
assert days == "TIMESTAMP" and short == "DATE", "keys of three numbers are text now"
assert hexadecimal == "BIGINT", "hexadecimal keys are text now"
print("seen: keys are days")
PY
