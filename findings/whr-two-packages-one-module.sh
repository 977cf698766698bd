#!/usr/bin/env bash
# whr 2.2.0 and whole-history-rating 3.7.1: both install a module named whr, and the later one replaces the first.
#
# Behaviour  Two implementations of whole-history rating, by different authors, share the module's name and the name and
#            calls of its class Base. Installed together they lie in one folder, pip and pip check say nothing, and the
#            last one answers. The same lines then give other ratings: 60 with an uncertainty of 0.26, or 51 with one of
#            159. When one is uninstalled the other has no Base any more.
# Guessed    That pip warns of files of another package, or that two packages of one algorithm can be compared.
# Bears on   A second opinion on ratings that change in time: give each package an environment of its own.
# Seen       2026-11-30, CPython 3.11, pip 23.2, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
cat >probe.py <<'PY'
import whr

base = whr.Base(config={"w2": 30})
for black, white, winner, day in (("a", "b", "B", 1), ("b", "c", "B", 2), ("a", "c", "W", 3), ("a", "b", "B", 4)):
    base.create_game(black, white, winner, day, 0)
base.iterate(50)
day, rating, doubt = base.ratings_for_player("a")[-1]
print(f"whr {whr.__version__}: on day {day} a is at {rating:.0f}, uncertainty {doubt:.2f}")
PY
python3 -m venv venv
install() { venv/bin/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$1" 2>errors.txt || {
    cat errors.txt >&2
    exit 1
}; }
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6
for last in whole-history-rating==3.7.1 whr==2.2.0 whole-history-rating==3.7.1; do
    install "$last"
    if grep -iE "overwrit|conflict|already" errors.txt; then
        echo "pip warns now" >&2
        exit 1
    fi
    venv/bin/pip check >/dev/null
    said=$(venv/bin/python -W ignore probe.py)
    echo "after installing $last: $said"
    grep -q "whr ${last#*==}:" <<<"$said"
    case $last in whr*) grep -q "at 51, uncertainty 15" <<<"$said" ;; *) grep -q "at 60, uncertainty 0.26" <<<"$said" ;; esac
done
venv/bin/pip uninstall --quiet --yes whr
if venv/bin/python -W ignore probe.py 2>errors.txt; then
    echo "the other package still works" >&2
    exit 1
fi
echo "after uninstalling whr: $(tail -1 errors.txt)"
grep -q "no attribute 'Base'" errors.txt
echo "seen: the last one installed answers for both"
