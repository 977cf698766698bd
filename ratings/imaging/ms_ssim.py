# SPDX-License-Identifier: Apache-2.0
"""MS-SSIM, multi-scale structural similarity (Wang, Simoncelli & Bovik 2003), of RGB pictures.

As TensorFlow's `ssim_multiscale` computes it, channel by channel: an 11 x 11 Gaussian window
(sigma 1.5) that lies wholly inside the picture, five scales, each the mean of 2 x 2 samples of the
one before (the last row or column counts twice where their number is odd), the published weights,
and the mean over the three channels. 1 is identity; negative terms count as 0.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
TAPS, SIGMA = 11, 1.5
# The shorter side at which the window just fits into the last scale: 161, 81, 41, 21, 11.
LEAST_SIDE: int = (TAPS - 1) * 2 ** (len(WEIGHTS) - 1) + 1
_C1, _C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)
# Taken off all samples: variances stay, and lose fewer digits in single precision.
_MIDDLE = np.float32(128)
# Rows worked on at once: some hundred kB, which stay in the cache.
_BAND = 48

Plane = NDArray[np.float32]


def measurable(width: int, height: int) -> bool:
    """Tell whether a picture is large enough for five scales: both sides at least `LEAST_SIDE`."""
    return min(width, height) >= LEAST_SIDE


def ms_ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Return the MS-SSIM of two pictures, uint8 of shape (height, width, 3).

    Raises ValueError where shapes differ or the pictures are too small (ask `measurable` first),
    TypeError where samples are not uint8.
    """
    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"Pictures of shapes {a.shape} and {b.shape} can't be compared.")
    if a.dtype != np.uint8 or b.dtype != np.uint8:
        raise TypeError(f"Samples must be uint8, not {a.dtype} and {b.dtype}.")
    if not measurable(a.shape[1], a.shape[0]):
        raise ValueError(f"MS-SSIM needs {LEAST_SIDE} x {LEAST_SIDE} pixels, not {a.shape[:2]}.")
    channels = range(a.shape[2])
    return float(np.mean([_channel(a[:, :, channel], b[:, :, channel]) for channel in channels]))


def _channel(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    x, y = (np.subtract(plane, _MIDDLE, dtype=np.float32) for plane in (a, b))
    value = 1.0
    for weight in WEIGHTS[:-1]:
        _, structure = _means(x, y)
        value *= max(0.0, structure) ** weight
        x, y = _halved(x), _halved(y)
    similarity, _ = _means(x, y)
    return float(value * max(0.0, similarity) ** WEIGHTS[-1])


def _means(x: Plane, y: Plane) -> tuple[float, float]:
    """Return the means of SSIM and of its contrast-structure term over all windows."""
    count = (x.shape[0] - TAPS + 1) * (x.shape[1] - TAPS + 1)
    sums = np.zeros(2)
    for band_x, band_y in _bands(x, y):
        luminance, structure = _terms(band_x, band_y)
        sums[1] += structure.sum(dtype=np.float64)
        sums[0] += np.multiply(luminance, structure, out=luminance).sum(dtype=np.float64)
    similarity, structure_mean = sums / count
    return float(similarity), float(structure_mean)


def _bands(x: Plane, y: Plane) -> Iterator[tuple[Plane, Plane]]:
    """Yield bands of rows that overlap by what a window needs."""
    for top in range(0, x.shape[0] - TAPS + 1, _BAND):
        rows = slice(top, top + _BAND + TAPS - 1)
        yield x[rows], y[rows]


def _terms(x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """Return the luminance and the contrast-structure term of each window."""
    mean_x, mean_y = _blurred(x), _blurred(y)
    square = _blurred(x * x + y * y)
    product = _blurred(x * y)
    product -= mean_x * mean_y
    square -= mean_x * mean_x + mean_y * mean_y
    structure: Plane = np.divide(product + product + _C2, square + _C2)
    mean_x += _MIDDLE
    mean_y += _MIDDLE
    squares: Plane = mean_x * mean_x + mean_y * mean_y
    mean_x *= mean_y
    return np.divide(mean_x + mean_x + _C1, squares + _C1), structure


def _blurred(plane: Plane) -> Plane:
    """Return the Gaussian means of all windows inside a plane."""
    return _weighted(_weighted(plane, 1), 0)


def _weighted(plane: Plane, axis: int) -> Plane:
    """Return the weighted means of `TAPS` neighbours along an axis; equal weights go together."""
    length = plane.shape[axis] - TAPS + 1

    def shifted(by: int) -> Plane:
        return plane[by : by + length] if axis == 0 else plane[:, by : by + length]

    middle = TAPS // 2
    total: Plane = shifted(middle) * _WINDOW[middle]
    for tap in range(middle):
        pair = shifted(tap) + shifted(TAPS - 1 - tap)
        pair *= _WINDOW[tap]
        total += pair
    return total


def _window() -> NDArray[np.float32]:
    weights = np.exp(-((np.arange(TAPS) - TAPS // 2) ** 2) / (2 * SIGMA**2))
    return np.asarray(weights / weights.sum(), np.float32)


_WINDOW = _window()


def _halved(plane: Plane) -> Plane:
    """Return the means of 2 x 2 samples; a last odd row or column counts twice."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    total: Plane = even[::2, ::2] + even[1::2, ::2]
    total += even[::2, 1::2]
    total += even[1::2, 1::2]
    total *= np.float32(0.25)
    return total
