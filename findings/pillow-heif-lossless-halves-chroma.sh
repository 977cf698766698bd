#!/usr/bin/env bash
# pillow-heif 1.8.1: quality=-1, the lossless setting, changes colours unless two more settings are given.
#
# Behaviour  HEIF with quality=-1 is lossless for the samples that are coded, but these are 4:2:0 of YCbCr: errors of 9
#            here. chroma=444 still leaves errors of 1; only matrix_coefficients=0 beside it gives the picture back.
#            Grey pictures are exact at once.
# Guessed    That a lossless mode implies full chroma and a reversible transform, as JPEG XL's, WebP's and JPEG 2000's
#            writers for Pillow do.
# Bears on   Lossless HEVC entries, and masters kept as HEIF: a PSNR that is not infinite is the setting's fault.
# Seen       2026-11-29, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 pillow-heif==1.8.1
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

import numpy as np
import pillow_heif
from PIL import Image

print("pillow-heif", version("pillow-heif"), "pillow", version("pillow"))
pillow_heif.register_heif_opener()
rng = np.random.default_rng(1)
y, x = np.mgrid[0:96, 0:128]
slopes = np.stack([2 * x % 256, 2 * y % 256, x + y], -1)
picture = (slopes + rng.integers(0, 9, slopes.shape)).clip(0, 255).astype(np.uint8)


def tried(mode: str, **setting) -> int:
    room = io.BytesIO()
    source = Image.fromarray(picture).convert(mode)
    source.save(room, "HEIF", quality=-1, **setting)
    got = np.asarray(Image.open(room).convert(mode)).astype(int)
    error = int(np.abs(got - np.asarray(source)).max())
    print(f"{mode} {setting}: {len(room.getvalue())} bytes, largest error {error}")
    return error


assert tried("L") == 0
assert tried("RGB") > 3, "the lossless setting keeps colours now"
assert tried("RGB", chroma=444) > 0, "full chroma alone is exact now"
assert tried("RGB", chroma=444, matrix_coefficients=0) == 0, "all three settings are not exact any more"
print("seen: quality=-1 alone changes colours")
PY
