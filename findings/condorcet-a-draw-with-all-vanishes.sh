#!/usr/bin/env bash
# condorcet 0.1.1: a candidate who draws with all others is no winner, no loser and in no place, though it never lost.
#
# Behaviour  Pairs that end in a draw are left out of the table of results, and whoever only draws is not in it. Of a, b and c,
#            where a draws with both and b beats c, get_n_winners(3) is b, c: a is left out, below the one who
#            lost. Two candidates who draw give no winner at all. With three of whom two are unbeaten, the first in
#            the list of candidates wins.
# Guessed    That the places of three candidates hold three, and that who never lost stands above who did.
# Bears on   Boards of few judgments, where draws are common: a method vanishes from its board.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check condorcet==0.1.1
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

from condorcet import CondorcetEvaluator

print("condorcet", version("condorcet"))


def places(candidates: str, *votes: dict[str, int]) -> str:
    evaluator = CondorcetEvaluator(candidates=list(candidates), votes=votes)
    found = "".join(evaluator.get_n_winners(len(candidates))[0])
    print(f"candidates {candidates}, votes {votes}: {found or 'nobody'}")
    return found


assert places("abc", {"a": 1, "b": 2, "c": 3}) == "abc"
half = {"a": 1, "b": 2, "c": 3}, {"a": 3, "b": 1, "c": 2}
assert places("abc", *half) == places("cba", *half) == "bc", "who only draws has a place now"
assert places("ab", {"a": 1, "b": 2}, {"a": 2, "b": 1}) == ""
shared = {"a": 1, "b": 1, "c": 2}
assert (places("abc", shared), places("bac", shared)) == ("abc", "bac")
print("seen: who only draws has no place")
PY
