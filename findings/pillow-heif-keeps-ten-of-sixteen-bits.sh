#!/usr/bin/env bash
# pillow-heif 1.8.1: a 16-bit picture loses six bits in the lossless setting and comes back as 16 bits.
#
# Behaviour  An I;16 picture saved with quality=-1 is cut to 10 bits (12 when SAVE_HDR_TO_12_BIT is set), without a
#            word. It is read again as I;16, so that mode, size and dtype say nothing of it; up to 63 of 65,535 are
#            lost.
# Guessed    That 16 bits are refused, or that the mode that is read back tells how many bits there are.
# Bears on   16-bit masters and whoever measures PSNR at a peak of 65,535: the ceiling is that of 10 bits.
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
deep = (np.arange(96 * 128, dtype=np.uint32) * 5).astype(np.uint16).reshape(96, 128)


def tried() -> tuple[str, int]:
    room = io.BytesIO()
    Image.fromarray(deep).save(room, "HEIF", quality=-1)
    back = Image.open(room)
    got = np.asarray(back)
    error = int(np.abs(got.astype(int) - deep).max())
    print(f"mode {back.mode}, {got.dtype}, largest error {error} of 65535")
    return back.mode, error


mode, error = tried()
assert mode == "I;16", "the mode tells now"
assert error >= 63, "more than ten bits are kept now"
pillow_heif.options.SAVE_HDR_TO_12_BIT = True
mode, finer = tried()
assert mode == "I;16" and 0 < finer < error, "twelve bits are not kept any more"
print("seen: 16 bits become 10, and come back under the name of 16")
PY
