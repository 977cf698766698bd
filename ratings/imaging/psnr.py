"""Exact squared errors between 8-bit pictures, and PSNR from their sums.

Errors are integers, so they add up over blocks, pictures and machines without rounding; PSNR over a
dataset is that of all its samples together: sum the squared errors and the samples first.
"""

import math

import numpy as np
from numpy.typing import NDArray

PEAK = 255
# A row of 256 squares sums to at most 256 * 255**2 < 2**24: every partial sum is exact in float32.
ROW = 256
# Rows at a time: pictures are compared in blocks that stay in the processor's cache.
BLOCK_ROWS = 1024


def squared_error(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """Return the exact sum of (a - b)**2 over all samples of two uint8 arrays of equal shape.

    Raises ValueError when shapes differ, TypeError when samples are not uint8.
    """
    if a.shape != b.shape:
        raise ValueError(f"Pictures of shapes {a.shape} and {b.shape} can't be compared.")
    if a.dtype != np.uint8 or b.dtype != np.uint8:
        raise TypeError(f"Samples must be uint8, not {a.dtype} and {b.dtype}.")
    flat_a, flat_b = (np.asarray(picture).reshape(-1) for picture in (a, b))  # memmaps slice slowly
    whole = flat_a.size // ROW * ROW
    tail = flat_a[whole:].astype(np.int64) - flat_b[whole:]
    rows = _row_errors(flat_a[:whole].reshape(-1, ROW), flat_b[:whole].reshape(-1, ROW))
    return int(rows.sum(dtype=np.float64)) + int(tail @ tail)


def _row_errors(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the sum of squared differences of each row of ROW samples, exact in float32.

    numpy hands rows this short to BLAS one by one, far below the length at which it starts threads.
    """
    errors = np.empty(len(a), np.float32)
    shape = (min(len(a), BLOCK_ROWS), ROW)
    whole_larger, whole_smaller = np.empty(shape, np.uint8), np.empty(shape, np.uint8)
    whole_differences = np.empty(shape, np.float32)
    for first in range(0, len(a), BLOCK_ROWS):
        block_a, block_b = a[first : first + BLOCK_ROWS], b[first : first + BLOCK_ROWS]
        rows = len(block_a)
        larger, smaller = whole_larger[:rows], whole_smaller[:rows]
        differences = whole_differences[:rows]
        np.maximum(block_a, block_b, out=larger)
        np.minimum(block_a, block_b, out=smaller)
        np.subtract(larger, smaller, out=larger)
        np.copyto(differences, larger)
        np.vecdot(differences, differences, out=errors[first : first + rows])
    return errors


def mse(squared_error: int, samples: int) -> float:
    """Return the mean squared error of so many samples (three to a pixel)."""
    if squared_error < 0 or samples < 1:
        raise ValueError(f"No mean of a squared error of {squared_error} over {samples} samples.")
    return squared_error / samples


def psnr_db(squared_error: int, samples: int) -> float:
    """Return 10 log10(255**2 / MSE) in dB; identical data has math.inf."""
    if mse(squared_error, samples) == 0:
        return math.inf
    return 10 * math.log10(PEAK**2 * samples / squared_error)
