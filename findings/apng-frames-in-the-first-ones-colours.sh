#!/usr/bin/env bash
# apng 0.3.4: frames with a palette are shown in the colours of the first; a blue picture becomes a red one.
#
# Behaviour  APNG.from_files keeps palette and transparency of the first picture and drops those of all others, though
#            the format has one palette for all frames and their samples would have to be written anew. Pictures with
#            palettes of their own come out in the first one's colours. Nothing is said. Of RGB pictures all is right.
# Guessed    That pictures whose palettes differ are refused or turned to RGB, as the package's open_any turns a JPEG to
#            PNG.
# Bears on   Flicker comparisons of original and decoded picture in one APNG, after an optimizer made palettes of both.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check apng==0.3.4 pillow==13.0.0
cd "$room"
"$room/venv/bin/python" - <<'PY'
import io
from importlib.metadata import version

from apng import APNG
from PIL import Image

print("apng", version("apng"), "Pillow", version("pillow"))
colours = [(200, 10, 10), (10, 10, 200)]


def frames(mode):
    names = []
    for i, colour in enumerate(colours):
        names.append(f"{mode}{i}.png")
        picture = Image.new("RGB", (16, 16), colour)
        (picture.quantize(4) if mode == "P" else picture).save(names[-1])
        with Image.open(names[-1]) as alone:
            assert alone.mode == mode and alone.convert("RGB").getpixel((3, 3)) == colour
    with Image.open(io.BytesIO(APNG.from_files(names, delay=100).to_bytes())) as film:
        got = []
        for i in range(film.n_frames):
            film.seek(i)
            got.append(film.convert("RGB").getpixel((3, 3)))
    print(f"{mode}: {colours} come back as {got}")
    return got


assert frames("RGB") == colours
assert frames("P") == [colours[0], colours[0]], "frames have their own colours now"
print("seen: the second picture is in the first one's colours")
PY
