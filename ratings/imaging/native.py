# SPDX-License-Identifier: Apache-2.0
"""The inner loops of this room: native libraries where they are installed, as on every site.

The participants' kit ships this room and has numpy and Pillow alone. There the same is done by
Python's zlib, Pillow and numpy: slower, with the same samples, sums and refusals.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

try:
    import simsimd
    from isal import isal_zlib as zlib
    from kornia_rs.io import decode_image_png_u8
except ImportError:
    import zlib  # type: ignore[no-redef]

    NATIVE = False
else:
    NATIVE = True

__all__ = ["NATIVE", "decode_rgb", "row_errors", "zlib"]


def decode_rgb(png: bytes, height: int, width: int) -> NDArray[np.uint8]:
    """Return the samples of a PNG of 8-bit RGB in plain rows, shape (height, width, 3), uint8.

    What the decoder raises passes through: bare Exception from kornia, OSError or SyntaxError from
    Pillow.
    """
    if NATIVE:
        samples: NDArray[np.uint8] = decode_image_png_u8(png, (height, width), "rgb")
        return samples
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        return np.asarray(picture)


def row_errors(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the sum of (a - b)**2 along each row: from (rows, samples), uint8, to (rows,) whole.

    simsimd sums in 32-bit integers, so a row has at most 33,000 samples; 33,000 * 255**2 < 2**31.
    """
    if NATIVE:
        return np.asarray(simsimd.sqeuclidean(a, b), np.float64)
    differences = (x.astype(np.int32) - y for x, y in zip(a, b, strict=True))
    return np.array([row @ row for row in differences], np.float64)
