#!/usr/bin/env bash
# daltonlens 0.1.5: colour vision simulated with severity 0 is another picture, with one level less in places.
#
# Behaviour  simulate_cvd goes from 8-bit sRGB to linear light and back in floating point, and cuts what comes out to whole
#            levels in place of rounding it. With severity 0, which changes nothing, 54 of 256 greys and half of all
#            colours come back one level darker, never lighter. CoblisV1, which works on sRGB itself, changes none.
# Guessed    That severity 0 gives back the picture.
# Bears on   Colour plates and previews for raters with other colour vision: the difference of a picture from its simulation
#            is not of the simulation alone, and an unaffected viewer's picture has a PSNR of 55 dB.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check daltonlens==0.1.5 numpy==2.4.6 pillow==13.0.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from daltonlens import simulate

print("daltonlens", version("daltonlens"), "numpy", version("numpy"))
greys = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)
colours = np.random.default_rng(1).integers(0, 256, (256, 256, 3), dtype=np.uint8)


def change(name, picture):
    simulator = getattr(simulate, f"Simulator_{name}")()
    seen = simulator.simulate_cvd(picture, simulate.Deficiency.DEUTAN, severity=0.0)
    return seen.astype(int) - picture


for name in ("Brettel1997", "Vienot1999", "Machado2009", "CoblisV1"):
    grey, colour = change(name, greys), change(name, colours)
    off = int((grey != 0).any(axis=-1).sum())
    share = (colour != 0).any(axis=-1).mean()
    psnr = 10 * np.log10(255**2 / max((colour**2).mean(), 1e-12))
    print(f"{name}: {off} greys and {share:.0%} of colours change, by {colour.min()} to {colour.max()}; {psnr:.0f} dB")
    if name == "CoblisV1":
        assert off == 0 and share == 0
    else:
        assert off == 54 and 0.4 < share < 0.6, "severity 0 leaves the picture as it is now"
        assert colour.min() == -1 and colour.max() == 0
print("seen: severity 0 darkens half of all colours by a level")
PY
