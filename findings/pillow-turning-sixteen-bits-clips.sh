#!/usr/bin/env bash
# Pillow 13.0.0: rotate() of a 16-bit grey picture is cut at 255 with bicubic, and its mean by ImageStat is 91.
#
# Behaviour  An I;16 picture of values up to 57,441 has none above 255 after rotate(7, BICUBIC); mode and size say nothing
#            of it. With the nearest pixel all stays, and so it does in resize(), bicubic too. ImageStat counts in 256
#            classes and gives a mean of 91 for one of 28,722. reduce(), blend() and filters refuse the mode.
# Guessed    That a mode which an operation can't take is refused, as these do, and that rotate() is like resize().
# Bears on   16-bit originals that are turned upright, sheared or summed up before a study: a white picture, or a wrong
#            number, instead of an error.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
from PIL import Image, ImageStat

print("pillow", version("pillow"))
y, x = np.mgrid[0:64, 0:96]
array = (x * 600 + y * 7).astype(np.uint16)
picture = Image.fromarray(array)
assert picture.mode == "I;16"
highest = {
    "itself": picture,
    "resize, bicubic": picture.resize((90, 60), Image.Resampling.BICUBIC),
    "rotate, nearest": picture.rotate(7, Image.Resampling.NEAREST),
    "rotate, bilinear": picture.rotate(7, Image.Resampling.BILINEAR),
    "rotate, bicubic": picture.rotate(7, Image.Resampling.BICUBIC),
}
for name, image in highest.items():
    highest[name] = int(np.asarray(image).max())
    print(f"{name}: mode {image.mode}, highest value {highest[name]}")
mean = ImageStat.Stat(picture).mean[0]
print(f"mean by numpy {array.mean():.0f}, by ImageStat {mean:.1f}")
assert highest["resize, bicubic"] > 50000 and highest["rotate, nearest"] > 50000
assert highest["rotate, bicubic"] <= 255, "rotate keeps 16 bits now"
assert mean < 256, "ImageStat counts 16 bits now"
print("seen: rotate cuts at 255")
PY
