"""Pictures that are plainly worse than their original, to tell who looks from who doesn't."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ratings.imaging.pixels import Rgb

# From subtle to gross: the part of the worst version's error that each level has.
STRENGTHS = (0.25, 0.6, 1.0)
LEVELS = range(1, len(STRENGTHS) + 1)
WORST_QUALITY = 4
# JPEG's blocks, and by how much one is at most shifted as well: a flat picture shows nothing else.
BLOCK, MOST_SHIFT = 8, 10


def degrade(rgb: Rgb, level: int) -> Rgb:
    """Return a degraded version of samples of shape (height, width, 3), uint8.

    The worst version is a JPEG (Pillow's) at very low quality, its blocks made lighter or darker
    by a few levels, so that flat pictures show it too; each level has a fixed part of that
    version's error in every sample. So the higher the level the larger, or equal, is the error
    of each sample, and the lower the PSNR. The same samples give the same result. Raises
    ValueError for a level not in `LEVELS`.
    """
    if level not in LEVELS:
        raise ValueError(f"Level {level} is none of {LEVELS[0]} to {LEVELS[-1]}.")
    original = rgb.astype(np.int16)
    worst = np.clip(_recompress(rgb) + _shifts(*rgb.shape[:2]), 0, 255)
    part = np.rint((worst - original) * STRENGTHS[level - 1]).astype(np.int16)
    degraded: Rgb = (original + part).astype(np.uint8)
    return degraded


def _recompress(rgb: Rgb) -> NDArray[np.int16]:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "JPEG", quality=WORST_QUALITY)
    with Image.open(file, formats=["JPEG"]) as picture:
        return np.asarray(picture).astype(np.int16)


def _shifts(height: int, width: int) -> NDArray[np.int16]:
    """Return by how much each pixel's block is shifted, irregularly: shape (height, width, 1)."""
    row = np.arange(height)[:, None, None] // BLOCK
    column = np.arange(width)[None, :, None] // BLOCK
    mixed = (3 * row * row + 5 * column * column + 7 * row * column + row) % 5
    shifts: NDArray[np.int16] = ((mixed - 2) * (MOST_SHIFT // 2)).astype(np.int16)
    return shifts
