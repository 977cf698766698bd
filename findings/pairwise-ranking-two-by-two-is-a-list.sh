#!/usr/bin/env bash
# pairwise-ranking 1.0.2: a table of wins of two methods is read as a list of two matches between "0", "7" and "3".
#
# Behaviour  read_match_list tries each of its formats in turn, and a file of two columns is a list of winners and
#            losers to it. The table "0 7 / 3 0" (seven wins to three) becomes two matches among three players named 0,
#            7 and 3. A table of three methods is read as one. read_match_list_from_adj_matrix reads both.
# Guessed    That a square table of numbers with zeros on its diagonal is a table, or that two columns are refused as
#            ambiguous.
# Bears on   Comparing just two codecs, the plainest study there is: name the format.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check "setuptools<81" pairwise-ranking==1.0.2 pystan==3.10.0 \
    numpy==1.26.4
cd "$room"
printf '0 7\n3 0\n' >two.txt
printf '0 7 2\n3 0 5\n1 1 0\n' >three.txt
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import ranking
from ranking.parsing import read_match_list_from_adj_matrix

print("pairwise-ranking", version("pairwise-ranking"))
found = {}
for name in ("two", "three"):
    for way, read in (("read_match_list", ranking.read_match_list), ("by format", read_match_list_from_adj_matrix)):
        matches = read(f"{name}.txt")
        players = sorted({player for match in matches for player in match.values()})
        found[name, way] = (len(matches), players)
        print(f"{name} methods, {way}: {len(matches)} matches among {', '.join(players)}")
assert found["two", "by format"][0] == 10 and found["three", "by format"][0] == 19
assert found["three", "read_match_list"] == found["three", "by format"]
assert found["two", "read_match_list"] == (2, ["0", "3", "7"]), "a table of two is read as a table now"
print("seen: seven wins to three are two matches among three")
PY
