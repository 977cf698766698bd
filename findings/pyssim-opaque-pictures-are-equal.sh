#!/usr/bin/env bash
# pyssim 0.7.1: any two opaque pictures with an alpha channel have an SSIM of 1.
#
# Behaviour  Where alpha is 255 the grey values are set to 0 before they are compared, so that of an opaque RGBA or LA
#            picture nothing is left. Noise against black is 1.0 as RGBA and LA, and 0.00001 as RGB and L. With alpha
#            at 254 all counts again.
# Guessed    That what is opaque counts and what is invisible does not, or that alpha is left out.
# Bears on   Decoders that write PNG with an alpha channel: every opaque one scores 1. Convert to RGB first.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pillow==13.0.0 \
    PyWavelets==1.9.0 pyssim==0.7.1
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from PIL import Image
from ssim import SSIM
from ssim.utils import get_gaussian_kernel

print("pyssim", version("pyssim"), "pillow", version("pillow"))
kernel = get_gaussian_kernel(11, 1.5)
noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
black = Image.new("RGB", noise.size)


def similarity(mode: str, alpha: int | None = None) -> float:
    pair = [picture.convert("L" if mode.startswith("L") else "RGB").convert(mode) for picture in (noise, black)]
    for picture in pair:
        if alpha is not None:
            picture.putalpha(alpha)
    value = float(SSIM(pair[0], kernel).ssim_value(pair[1]))
    print(f"noise against black, {mode}{f' with alpha {alpha}' if alpha else ''}: {value:.5f}")
    return value


assert similarity("RGB") < 0.01 and similarity("L") < 0.01
assert similarity("RGBA", 255) == similarity("LA", 255) == 1.0, "opaque pictures are compared now"
assert similarity("RGBA", 254) < 0.01, "alpha is read in another way now"
print("seen: opaque pictures are all equal")
PY
