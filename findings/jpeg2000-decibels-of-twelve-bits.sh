#!/usr/bin/env bash
# glymur 0.14.8 and imagecodecs 2026.3.6: 40 dB asked for a 12-bit picture gives 14; pylibjpeg-openjpeg gives 40.
#
# Behaviour  All three hand a PSNR to OpenJPEG, which measures it against the precision of the file. A uint16 array is
#            coded as 16 bits by two of them, though it goes up to 4,095: its file is 26 dB worse than asked. The third
#            takes the precision from the brightest sample and meets the 40 dB. imagecodecs meets it with
#            bitspersample=12. Of 8 bits all three meet it.
# Guessed    One and the same quality for one picture and one number, as all three use OpenJPEG.
# Bears on   Rate points of 10 and 12-bit pictures by PSNR: state the precision, and measure what came out.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 imagecodecs==2026.3.6 Glymur==0.14.8 \
    lxml==6.1.3 packaging==26.4 pylibjpeg-openjpeg==2.6.0
cd "$room"
venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version
from io import BytesIO

import glymur
import imagecodecs
import numpy as np
from openjpeg.utils import decode, encode_array

print(*(f"{name} {version(name)}" for name in ("Glymur", "imagecodecs", "pylibjpeg-openjpeg")))
rng = np.random.default_rng(0)
y, x = np.mgrid[0:256, 0:256]
eight = (128 + 60 * np.sin(x / 9) + 40 * np.cos(y / 13) + rng.normal(0, 12, x.shape)).clip(0, 255).astype(np.uint8)
twelve = eight.astype(np.uint16) * 16 + rng.integers(0, 16, x.shape, dtype=np.uint16)


def psnr(picture, back) -> float:
    peak = 4095 if picture.dtype == np.uint16 else 255
    return float(10 * np.log10(peak**2 / np.mean((picture.astype(float) - back) ** 2)))


ways = {
    "glymur": lambda p: glymur.Jp2k(f"{p.dtype}.jp2", data=p, psnr=[40])[:],
    "imagecodecs": lambda p: imagecodecs.jpeg2k_decode(imagecodecs.jpeg2k_encode(p, level=40)),
    "pylibjpeg-openjpeg": lambda p: decode(BytesIO(encode_array(p, signal_noise_ratios=[40]))),
}
for name, trip in ways.items():
    met, missed = psnr(eight, trip(eight)), psnr(twelve, trip(twelve))
    print(f"{name}, 40 dB asked: 8 bits {met:.1f} dB, 12 bits {missed:.1f} dB")
    assert abs(met - 40) < 1
    assert abs(missed - 40) < 1 if name == "pylibjpeg-openjpeg" else missed < 20, f"{name} takes another peak now"
said = psnr(twelve, imagecodecs.jpeg2k_decode(imagecodecs.jpeg2k_encode(twelve, level=40, bitspersample=12)))
print(f"imagecodecs with bitspersample=12: {said:.1f} dB")
assert abs(said - 40) < 1
print("seen: two of three take 12 bits as 16")
PY
