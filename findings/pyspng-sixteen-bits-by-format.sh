#!/usr/bin/env bash
# pyspng 0.1.4: load(data) of a 16-bit RGB PNG adds alpha; load(data, format='RGB') cuts it to 8 bits.
#
# Behaviour  Without a format a 16-bit RGB file comes as uint16 with a fourth channel of 65535 (an 8-bit one has
#            three). With format='RGB', its own channels, it comes as uint8: the high byte, not rounded, so that a
#            quarter of all samples differ from pypng's asRGB8.
# Guessed    Three channels of 16 bits from both: naming the channels that a file has changes nothing.
# Bears on   Reading 16-bit originals: a mean error of half a level enters before any codec has run.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.3.3 pypng==0.20220715.0 pyspng==0.1.4
cd "$room"
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

import numpy as np
import png
import pyspng

print("pyspng", version("pyspng"), "pypng", version("pypng"))
samples = np.random.default_rng(0).integers(0, 65536, (40, 50, 3)).astype(np.uint16)
file = io.BytesIO()
png.Writer(50, 40, bitdepth=16, greyscale=False).write(file, samples.reshape(40, -1).tolist())
plain, named = pyspng.load(file.getvalue()), pyspng.load(file.getvalue(), format="RGB")
rounded = np.round(samples / 257)
print("without a format:", plain.dtype, plain.shape, "alpha:", *np.unique(plain[..., 3:]))
print("format='RGB':", named.dtype, "high bytes:", bool((named == samples >> 8).all()))
print(f"differs from rounding in {np.mean(named != rounded):.0%} of the samples")
assert plain.dtype == np.uint16 and plain.shape == (40, 50, 4), "the plain call adds no alpha now"
assert (plain[..., :3] == samples).all() and (plain[..., 3] == 65535).all(), "samples are changed now"
assert named.dtype == np.uint8 and (named == samples >> 8).all(), "format='RGB' keeps or rounds now"
print("seen: 16-bit RGB gets alpha, or loses eight bits")
PY
