#!/usr/bin/env bash
# Pillow 13.0.0: a 16-bit grey picture saved as lossless WebP, AVIF or GIF is white above 255; JPEG and TGA refuse it.
#
# Behaviour  save() of an I;16 picture as WebP (lossless=True as well), AVIF or GIF cuts all values at 255 without a word,
#            so that almost all of a usual picture is white. JPEG, BMP, TGA and DDS raise OSError that the mode can't be
#            written; TIFF, PNG and JPEG 2000 keep 16 bits.
# Guessed    That formats of 8 bits refuse the mode, all of them, or scale.
# Bears on   A loop over codecs that makes baselines of a 16-bit original: some points fail, and others are of a white
#            picture, with a fine rate.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

import numpy as np
from PIL import Image

print("pillow", version("pillow"))
y, x = np.mgrid[0:64, 0:96]
picture = (x * 600 + y * 7).astype(np.uint16)
settings = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}, "GIF": {}}
white = {}
for form in ("WEBP", "AVIF", "GIF", "JPEG", "TGA", "TIFF", "PNG", "JPEG2000"):
    room = io.BytesIO()
    try:
        Image.fromarray(picture).save(room, form, **settings.get(form, {}))
    except OSError as fault:
        white[form] = None
        print(form, "refuses:", fault)
        continue
    got = Image.open(room)
    exact = got.mode == "I;16" and np.array_equal(np.asarray(got), picture)
    white[form] = 0.0 if exact else float((np.asarray(got.convert("L")) > 250).mean())
    print(f"{form}: mode {got.mode}, exact {exact}, white {white[form]:.0%}")
assert white["JPEG"] is None and white["TGA"] is None
assert white["TIFF"] == white["PNG"] == white["JPEG2000"] == 0
for form in ("WEBP", "AVIF", "GIF"):
    assert white[form] is not None and white[form] > 0.9, f"{form} scales or refuses 16 bits now"
print("seen: three formats make it white")
PY
