#!/usr/bin/env bash
# ffmpeg 9.0 (imageio-ffmpeg 0.8.1): one pair of pictures has 26.4, 27.6 or 32.9 dB, by file format and by order.
#
# Behaviour  The psnr filter brings both inputs to one pixel format and averages over all its planes. Two PNG of RGB are
#            compared as RGB. The same decoded picture as the JPEG it came from is compared as YCbCr 4:2:0: 6.5 dB
#            more. An opaque alpha in the first file counts as a fourth, faultless plane (1.25 dB more); in the second
#            file only, it doesn't. ssim leaves alpha out. Nothing is said of the format.
# Guessed    That the pixels decide, that psnr of a and b is psnr of b and a, and that both filters take one set of
#            planes.
# Bears on   PSNR of codecs side by side: those whose decoder writes JPEG, YUV or RGBA come out better. Write all
#            as RGB first; format=rgb24 on both inputs comes within half a dB, as it has its own filter for chroma.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==13.0.0 imageio-ffmpeg==0.8.1
cd "$room"
venv/bin/python - <<'PY'
import re
import subprocess
from importlib.metadata import version

import imageio_ffmpeg
import numpy as np
from PIL import Image

program = imageio_ffmpeg.get_ffmpeg_exe()
print("imageio-ffmpeg", version("imageio-ffmpeg"), "ffmpeg", imageio_ffmpeg.get_ffmpeg_version())
rng = np.random.default_rng(0)
y, x = np.mgrid[0:96, 0:128]
picture = np.stack([x * 2, y * 2, x + y], -1) + rng.integers(-20, 21, (96, 128, 3))
picture[20:60, 30:70], picture[40:80, 60:100] = [220, 30, 40], [20, 40, 220]
original = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
original.save("a.png")
original.convert("RGBA").save("a-alpha.png")
original.save("b.jpg", quality=60)
decoded = Image.open("b.jpg").convert("RGB")
decoded.save("b.png")
decoded.convert("RGBA").save("b-alpha.png")


def measured(one: str, other: str, measure: str = "psnr", pixels: str = "") -> float:
    graph = f"[0]{pixels}[a];[1]{pixels}[b];[a][b]{measure}" if pixels else measure
    command = [program, "-hide_banner", "-nostdin", "-i", one, "-i", other, "-lavfi", graph, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    value = float(re.search(r"average:([\d.]+)" if measure == "psnr" else r"All:([\d.]+)", said)[1])
    print(f"{measure} {pixels}, {one} and {other}: {value:.3f}".replace(" ,", ","))
    return value


squared = np.mean((np.asarray(original).astype(float) - np.asarray(decoded)) ** 2)
plain = measured("a.png", "b.png")
assert abs(plain - 10 * np.log10(255**2 / squared)) < 0.01
assert measured("a.png", "b.jpg") > plain + 5, "a JPEG is compared as RGB now"
with_alpha = measured("b-alpha.png", "a.png")
assert abs(with_alpha - plain - 10 * np.log10(4 / 3)) < 0.01, "alpha is left out now"
assert abs(measured("a-alpha.png", "b-alpha.png") - with_alpha) < 0.001
assert abs(measured("a.png", "b-alpha.png") - plain) < 0.001, "the order has become the same to it"
assert measured("a-alpha.png", "b-alpha.png", "ssim") == measured("a.png", "b.png", "ssim")
for other in ("b.jpg", "b-alpha.png"):
    assert abs(measured("a-alpha.png", other, pixels="format=rgb24") - plain) < 0.5
print("seen: the files decide the value")
PY
