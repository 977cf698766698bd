#!/usr/bin/env bash
# webp 0.4.0 (Python): an array of 16 bits, or of floats from 0 to 1, is written as its bytes, without loss.
#
# Behaviour  WebPPicture.from_numpy asks for the shape and for rows in order, not for the type. The memory of any type
#            is taken for 8-bit samples: of a uint16 array the low and high bytes of its first half, of float64 the
#            bytes of its first eighth. Size and channels are right, and lossless=True keeps it as it is.
# Guessed    That a type other than uint8 is refused, as column order is ("ndarray is not C-contiguous").
# Bears on   16-bit originals and decoders' float output: a file that opens everywhere and shows noise or near-black.
# Seen       2026-12-01, CPython 3.11, x86-64.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 webp==0.4.0
"$room/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy as np
import webp

print("webp", version("webp"), "numpy", version("numpy"))
picture = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)


def there_and_back(pixels):
    config = webp.WebPConfig.new(lossless=True)
    return webp.WebPPicture.from_numpy(pixels).encode(config).decode(webp.WebPColorMode.RGB)


assert np.array_equal(there_and_back(picture), picture)
for name, pixels in {"uint16": picture.astype(np.uint16), "0 to 1": picture / 255}.items():
    got = there_and_back(pixels)
    memory = np.frombuffer(pixels.tobytes(), np.uint8)[: picture.size].reshape(picture.shape)
    print(f"{name}: {got.shape}, {np.mean(got == picture):.0%} of the samples as in the picture, "
          f"{np.mean(got == memory):.0%} as in memory")
    assert np.array_equal(got, memory), "the type is looked at now"
try:
    there_and_back(np.asfortranarray(picture))
except ValueError as error:
    print("column order:", error)
else:
    raise SystemExit("column order is taken now")
print("seen: bytes in memory are taken for samples")
PY
