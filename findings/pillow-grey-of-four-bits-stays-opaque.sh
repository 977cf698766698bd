#!/usr/bin/env bash
# Pillow 13.0.0: grey PNG of two or four bits with a transparent value is opaque; of one or eight bits it isn't.
#
# Behaviour  The samples of 2 and 4 bits are spread to 8 when they are read (1 of 3 becomes 85), and the transparent value
#            of tRNS stays as it is in the file. convert('RGBA') looks for 1 among 0, 85, 170 and 255, finds none, and
#            all is opaque. Where it finds one by chance, as 0, it is right. imagecodecs shows the transparent pixels.
# Guessed    That transparency doesn't depend on the depth at which a PNG optimizer has packed the grey.
# Bears on   Uploads that may not be transparent: a check through Pillow lets these pass, and raters' browsers show the
#            page's ground in their place.
# Seen       2026-11-30, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check \
  numpy==2.4.6 pillow==13.0.0 imagecodecs==2026.3.6
"$room/venv/bin/python" - <<'PY'
import io
import struct
import zlib
from importlib.metadata import version

import imagecodecs
import numpy as np
from PIL import Image

print("pillow", version("pillow"), "imagecodecs", version("imagecodecs"))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth: int, transparent: int) -> bytes:
    values = (np.arange(16) % (1 << depth)).astype(np.uint8)
    bits = np.unpackbits(values[:, None], axis=1)[:, 8 - depth :]
    row = b"\0" + np.packbits(bits.ravel()).tobytes()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 1, depth, 0, 0, 0, 0))
    key = chunk(b"tRNS", struct.pack(">H", transparent))
    return b"\x89PNG\r\n\x1a\n" + head + key + chunk(b"IDAT", zlib.compress(row)) + chunk(b"IEND", b"")


holes = {}
for depth in (1, 2, 4, 8):
    file = png(depth, 1)
    image = Image.open(io.BytesIO(file))
    alpha = np.asarray(image.convert("RGBA"))[..., 3]
    other = imagecodecs.png_decode(file)[..., -1]
    holes[depth] = int((alpha == 0).sum()), int((other == 0).sum())
    print(f"{depth} bits: mode {image.mode}, {holes[depth][0]} transparent pixels, imagecodecs {holes[depth][1]}")
assert all(other == 16 // (1 << min(depth, 4)) for depth, (_, other) in holes.items())
assert holes[1][0] == holes[1][1] and holes[8][0] == holes[8][1]
assert holes[2][0] == holes[4][0] == 0, "Pillow finds the value now"
print("seen: two and four bits stay opaque")
PY
