#!/usr/bin/env bash
# pillow-jxl-plugin 1.3.8: quality=100 is refused for every picture, in words about the encoder's use.
#
# Behaviour  Saving as JXL with quality=100 raises RuntimeError that the encoder API is used in an incorrect way, for
#            grey and colour alike, while 99 works. lossless=True works, and sets the same quality of 100 inside.
# Guessed    That 100 is the best lossy quality, or lossless, as Pillow's own JPEG, WebP and AVIF writers take it.
# Bears on   A baseline's grid of JPEG XL settings must end at 99, with lossless as a setting of its own; the error
#            names neither.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 \
    pillow-jxl-plugin==1.3.8
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

import numpy as np
import pillow_jxl  # noqa: F401
from PIL import Image

print("pillow-jxl-plugin", version("pillow-jxl-plugin"), "pillow", version("pillow"))
rng = np.random.default_rng(1)
y, x = np.mgrid[0:96, 0:128]
slopes = np.stack([2 * x % 256, 2 * y % 256, x + y], -1)
picture = (slopes + rng.integers(0, 9, slopes.shape)).clip(0, 255).astype(np.uint8)


def tried(mode: str, **setting) -> str:
    room = io.BytesIO()
    try:
        Image.fromarray(picture).convert(mode).save(room, "JXL", **setting)
        said = f"{len(room.getvalue())} bytes"
    except RuntimeError as error:
        said = f"RuntimeError: {error}"
    print(f"{mode} {setting}: {said}")
    return said


for mode in ("RGB", "L"):
    assert "bytes" in tried(mode, quality=99) and "bytes" in tried(mode, lossless=True)
    assert "RuntimeError" in tried(mode, quality=100), "quality 100 is taken now"
print("seen: 99 and lossless are taken, 100 is refused")
PY
