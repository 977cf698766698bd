# SPDX-License-Identifier: Apache-2.0
"""Exact squared errors between 8-bit pictures, and PSNR from their sums.

Errors are integers, so they add up over blocks, pictures and machines without rounding; PSNR over a
dataset is that of all its samples together: sum the squared errors and the samples first.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ratings.imaging.native import row_errors

PEAK = 255
# Samples in a row: simsimd sums a row's squares in 32-bit integers, 4096 * 255**2 < 2**31.
ROW = 4096


def squared_error(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """Return the exact sum of (a - b)**2 over all samples of two uint8 arrays of equal shape.

    Raises ValueError when shapes differ, TypeError when samples are not uint8.
    """
    if a.shape != b.shape:
        raise ValueError(f"Pictures of shapes {a.shape} and {b.shape} can't be compared.")
    if a.dtype != np.uint8 or b.dtype != np.uint8:
        raise TypeError(f"Samples must be uint8, not {a.dtype} and {b.dtype}.")
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    whole = flat_a.size // ROW * ROW
    tail = flat_a[whole:].astype(np.int64) - flat_b[whole:]
    rows = _row_errors(flat_a[:whole].reshape(-1, ROW), flat_b[:whole].reshape(-1, ROW))
    return rows + int(tail @ tail)


def _row_errors(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> int:
    """Return the sum over rows of ROW samples; every partial sum is a whole number below 2**53."""
    if not len(a):
        return 0
    return int(row_errors(a, b).sum())


def mse(squared_error: int, samples: int) -> float:
    """Return the mean squared error of so many samples (three to a pixel).

    Raises ValueError for a negative error, or no samples.
    """
    if squared_error < 0 or samples < 1:
        raise ValueError(f"No mean of a squared error of {squared_error} over {samples} samples.")
    return squared_error / samples


def psnr_db(squared_error: int, samples: int) -> float:
    """Return 10 log10(255**2 / MSE) in dB; identical data has math.inf. Raises as `mse` does."""
    if mse(squared_error, samples) == 0:
        return math.inf
    return 10 * math.log10(PEAK**2 * samples / squared_error)
