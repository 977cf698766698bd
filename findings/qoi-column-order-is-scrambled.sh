#!/usr/bin/env bash
# qoi 0.8.0: an array in column order is written as another picture; every other odd layout is refused.
#
# Behaviour  encode() takes an array whose memory is in Fortran order and reads its bytes as if they were in C order:
#            same shape, scrambled pixels, no word. Mirrored, cropped and transposed views raise ValueError, although
#            all of them would need the same copy.
# Guessed    That the memory order of an array doesn't change its picture, or that all but C order is refused.
# Bears on   QOI as a fast lossless store: np.asfortranarray, transposes of colour planes and MATLAB's files come in
#            column order. Call np.ascontiguousarray before.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 qoi==0.8.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import qoi

print("qoi", version("qoi"), "numpy", version("numpy"))
y, x = np.mgrid[0:40, 0:56]
picture = np.stack([x * 4, y * 6, x + y], -1).astype(np.uint8)
column = np.asfortranarray(picture)
assert (column == picture).all()
for name, layout in (("C order", picture), ("Fortran order", column)):
    wrong = float((qoi.decode(qoi.encode(layout)) != layout).mean())
    print(f"{name}: {100 * wrong:.1f} % of the samples changed")
    assert (wrong > 0.5) == (layout is column), "the order of memory is read now"
assert qoi.encode(column) == qoi.encode(column.T.reshape(picture.shape)), "the bytes are no longer taken as they lie"
views = {"mirrored": picture[:, ::-1], "cropped": picture[5:30, 7:40], "transposed": picture.swapaxes(0, 1)}
for name, view in views.items():
    try:
        qoi.encode(view)
    except ValueError as refused:
        print(f"{name}: ValueError, {refused}")
    else:
        raise AssertionError(f"a {name} view is taken now")
print("seen: column order is scrambled")
PY
