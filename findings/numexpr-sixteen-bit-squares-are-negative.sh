#!/usr/bin/env bash
# numexpr 2.14.2: the differences of two uint16 pictures are right, and their squares negative from 46,341 on.
#
# Behaviour  uint8 and uint16 become int32 in an expression, so that a - b is right below zero, where numpy's wraps. The
#            square stays int32: (60000 - 10) ** 2 is -696,167,196. uint64 becomes int64, and its highest value -1.
#            Nothing is said. (1.0 * a - b) ** 2 is right.
# Guessed    That types wide enough for the difference are so for its square, as all is right for 8 bits.
# Bears on   MSE of 16-bit pictures: right for all small errors, and lower, even negative, with the large ones.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 numexpr==2.14.2
"$room/venv/bin/python" -W error - <<'PY'
from importlib.metadata import version

import numexpr
import numpy as np

print("numexpr", version("numexpr"), "numpy", version("numpy"))


def told(expression: str, **arrays: np.ndarray) -> list[float]:
    found = numexpr.evaluate(expression, arrays)
    kinds = "/".join(sorted({array.dtype.name for array in arrays.values()}))
    print(f"{expression} of {kinds}: {np.atleast_1d(found).tolist()}, {found.dtype}")
    return np.atleast_1d(found).tolist()


def pictures(high: int, kind: str) -> dict[str, np.ndarray]:
    return {"a": np.array([high, 1], kind), "b": np.array([10, high], kind)}


eight, sixteen = pictures(250, "u1"), pictures(60000, "u2")
assert told("(a - b) ** 2", **eight) == [240**2, 249**2]
assert told("a - b", **sixteen) == [59990, -59999]
assert told("(1.0 * a - b) ** 2", **sixteen) == [59990**2, 59999**2]
squares = told("(a - b) ** 2", **sixteen)
assert squares == [59990**2 - 2**32, 59999**2 - 2**32], "squares are wide enough now"
assert told("sum((a - b) ** 2)", **sixteen)[0] < 0
assert told("a", a=np.array([2**64 - 1], "u8")) == [-1]
print("seen: squares of 16 bits are negative")
PY
