#!/usr/bin/env bash
# zfpy 1.0.1.post0: a tolerance for integers is taken and does nothing: every tolerance gives the same numbers, off by 8.
#
# Behaviour  compress_numpy(int32 array, tolerance=t) decodes to the same numbers, from as many bytes, for t of 0.001, 1
#            and a million, with errors of several units. int64 is the same. For float32 of these numbers the error stays
#            below t. Without a tolerance integers are lossless. Nothing is raised; zfp's own documentation has it, of a
#            parameter below this one, that integers ignore it.
# Guessed    That tolerance=0.5 keeps integers exact, that it bounds the error as it does for floats, or a refusal.
# Bears on   Quantised latents and residuals: a bound that reads as lossless loses up to eight steps.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 zfpy==1.0.1.post0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import zfpy

print("zfpy", version("zfpy"), "numpy", version("numpy"))
slope = (np.linspace(0, 1, 4096) * 255).astype(np.int32).reshape(64, 64)
whole = slope + np.random.default_rng(0).integers(-20, 20, slope.shape).astype(np.int32)


def tried(array: np.ndarray, **setting: float) -> tuple[tuple[int, bytes], float]:
    coded = zfpy.compress_numpy(array, **setting)
    back = zfpy.decompress_numpy(coded)
    worst = float(np.abs(back.astype(float) - array).max())
    print(f"{array.dtype}, {setting}: {len(coded)} bytes, largest error {worst:.4g}")
    return (len(coded), back.tobytes()), worst


bounds = (0.001, 0.5, 1, 1e6)
for bound in bounds:
    assert tried(whole.astype(np.float32), tolerance=bound)[1] <= bound
for kind in (np.int32, np.int64):
    assert tried(whole.astype(kind))[1] == 0
    seen = [tried(whole.astype(kind), tolerance=bound) for bound in bounds]
    assert len({result for result, _ in seen}) == 1, "the tolerance matters now"
    assert seen[0][1] > 1, "integers are within the tolerance now"
print("seen: integers have no tolerance")
PY
