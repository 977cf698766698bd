#!/usr/bin/env bash
# simple-ans 0.3.1: every other sample of an array is coded as the first half of it, without a word.
#
# Behaviour  ans_encode counts the symbols of the view it is given, and then reads memory from the view's start without
#            its stride. signal[::2] decodes to signal[:n / 2], a column of a table to its first rows. The result has
#            the right length, type and set of values, and no error is raised.
# Guessed    That a one-dimensional array is coded by its values, or refused when it isn't contiguous.
# Bears on   Entropy coding of one channel, or of one column of latents: the bitstream holds other numbers, and its
#            size still looks right. Call np.ascontiguousarray, and decode once after coding.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 simple-ans==0.3.1
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from simple_ans import ans_decode, ans_encode

print("simple-ans", version("simple-ans"), "numpy", version("numpy"))
signal = np.random.default_rng(0).integers(-4, 5, 5000).astype(np.int16)
table = signal.reshape(1000, 5)
views = {"the whole": signal, "every other": signal[::2], "a column": table[:, 0], "its copy": table[:, 0].copy()}
for name, view in views.items():
    back = ans_decode(ans_encode(view))
    assert back.shape == view.shape and back.dtype == view.dtype
    same, first = bool((back == view).all()), bool((back == signal[: view.size]).all())
    print(f"{name}: decodes to itself {same}, to the first {view.size} of memory {first}")
    assert same == view.flags.contiguous, f"{name} is read by its stride now"
    assert first or name == "its copy"
print("seen: a view is coded as what lies at its start")
PY
