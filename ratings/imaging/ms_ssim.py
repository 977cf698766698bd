# SPDX-License-Identifier: Apache-2.0
"""MS-SSIM, multi-scale structural similarity (Wang, Simoncelli & Bovik 2003), of RGB pictures.

As TensorFlow's `ssim_multiscale` computes it, channel by channel: an 11 x 11 Gaussian window
(sigma 1.5) that lies wholly inside the picture, five scales, each the mean of 2 x 2 samples of the
one before (the last row or column counts twice where their number is odd), the published weights,
and the mean over the three channels. 1 is identity; negative terms count as 0.

Both pictures' variances, and their covariance, come from the variances of their difference and of
their sum, vd and vs: 2 cov = (vs - vd) / 2, vx + vy = (vs + vd) / 2. In single precision that keeps
more digits where pictures are alike, and takes squares of two planes instead of three products.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
TAPS, SIGMA = 11, 1.5
_REACH = TAPS - 1
# The shorter side at which the window just fits into the last scale: 161, 81, 41, 21, 11.
LEAST_SIDE: int = _REACH * 2 ** (len(WEIGHTS) - 1) + 1
_C1, _C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)
# Windows worked on at once, at most: what is made of them stays in the cache.
_TILE_ROWS, _TILE_COLUMNS = 32, 1024
# Neighbouring windows in one matrix: more multiply more zeros, fewer let BLAS copy more than count.
_DOWN, _ALONG = 8, 16
# Parts of a tile whose products are so small that BLAS starts no threads, which would mostly wait.
_PARTS = 8

# The difference of two pictures, and their sum: (2, height, width).
Planes = NDArray[np.float32]
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
    planes = np.empty((2, *a.shape[:2]), np.float32)
    channels = []
    for channel in range(a.shape[2]):
        centre = _fill(planes, a[:, :, channel], b[:, :, channel])
        channels.append(_channel(planes, centre))
    return float(np.mean(channels))


def _fill(planes: Planes, a: NDArray[np.uint8], b: NDArray[np.uint8]) -> Planes:
    """Set planes to the difference and the sum of a channel, less a centre each, which it returns.

    Any level near their means will do: squares of short distances lose fewer digits.
    """
    levels = [round(plane[::_DOWN, ::_DOWN].mean()) for plane in (a, b)]
    centre = np.array([levels[0] - levels[1], levels[0] + levels[1]], np.float32)
    for top in range(0, len(a), _TILE_ROWS):
        rows = slice(top, top + _TILE_ROWS)
        difference, total = planes[:, rows]
        difference[:], total[:] = a[rows], b[rows]
        difference -= total
        total += total
        total += difference
        planes[:, rows] -= centre[:, None, None]
    return centre[:, None, None]


def _channel(planes: Planes, centre: Planes) -> float:
    value = 1.0
    for weight in WEIGHTS[:-1]:
        value *= max(0.0, _mean(_structure, planes)) ** weight
        planes = _halved(planes)
    similarity = _mean(partial(_similarity, centre), planes)
    return float(value * max(0.0, similarity) ** WEIGHTS[-1])


def _mean(term: Callable[[Planes, Planes], Plane], planes: Planes) -> float:
    """Return a term's mean over all windows."""
    height, width = (side - _REACH for side in planes.shape[1:])
    tile = _Tile(width)
    total = 0.0
    for top in range(0, height, tile.rows):
        for left in range(0, width, tile.columns):
            found = term(*tile.moments(planes[:, top:, left:]))
            # Few sums in single precision, all others in double.
            columns = found[: height - top, : min(width - left, tile.columns)].sum(axis=0)
            total += float(columns.sum(dtype=np.float64))
    return float(total / (height * width))


def _structure(means: Planes, squares: Planes) -> Plane:
    """Return the contrast-structure term: (vs - vd + 2 C2) / (vs + vd + 2 C2)."""
    squares -= np.square(means, out=means)
    difference, total = squares
    total += 2 * _C2
    structure: Plane = total - difference
    total += difference
    structure /= total
    return structure


def _similarity(centre: Planes, means: Planes, squares: Planes) -> Plane:
    """Return luminance times structure; the former is (2 mx my + C1) / (mx² + my² + C1)."""
    difference, total = (means + centre) / 2
    x, y = total + difference, total - difference
    luminance: Plane = (2 * x * y + _C1) / (x * x + y * y + _C1)
    return luminance * _structure(means, squares)


def _matrix(windows: int) -> NDArray[np.float32]:
    """Return what gives the means under neighbouring windows: (windows, windows + 10)."""
    weights = np.exp(-((np.arange(TAPS) - TAPS // 2) ** 2) / (2 * SIGMA**2))
    matrix = np.zeros((windows, windows + _REACH), np.float32)
    for first in range(windows):
        matrix[first, first : first + TAPS] = weights / weights.sum()
    return matrix


_DOWN_MATRIX, _ALONG_MATRIX = _matrix(_DOWN), np.ascontiguousarray(_matrix(_ALONG).T)


class _Tile:
    """Gaussian means under `rows` x `columns` windows at a time, as products of matrices.

    Buffers and views are made once and serve tile after tile. The views' strides are such that
    numpy hands them to BLAS as they are.
    """

    def __init__(self, width: int) -> None:
        """Make room for tiles of planes with so many windows side by side."""
        self.rows = _TILE_ROWS
        self.columns = math.ceil(width / math.ceil(width / _TILE_COLUMNS))
        row = self.columns + _REACH + self.columns % 2
        self._samples = np.zeros((4, self.rows + _REACH, row), np.float32)
        samples = 4 * self.rows * row
        once, twice = np.zeros((2, samples + _REACH), np.float32)
        self._means = twice[:samples].reshape(4, self.rows, row)
        columns = sliding_window_view(self._samples, _DOWN + _REACH, axis=1)[:, ::_DOWN]
        self._down = columns.swapaxes(2, 3), once[:samples].reshape(4, -1, _DOWN, row)
        # Rows stand one behind the other: what is a window across two of them is left out.
        # A matrix has rows that don't overlap, so it takes every other run of windows.
        runs = sliding_window_view(once, _ALONG + _REACH)[::_ALONG]
        shape = (_PARTS, -1, 2)
        self._along = (
            runs.reshape(*shape, _ALONG + _REACH).swapaxes(1, 2),
            twice[:samples].reshape(*shape, _ALONG).swapaxes(1, 2),
        )

    def moments(self, planes: Planes) -> tuple[Planes, Planes]:
        """Return the means of planes, and of their squares, under the first windows.

        Both are (2, rows, columns and some more), and stand until the next call; beyond the planes'
        windows lie means of other samples.
        """
        planes = planes[:, : self.rows + _REACH, : self.columns + _REACH]
        _, height, width = planes.shape
        self._samples[:2, :height, :width] = planes
        np.multiply(planes, planes, out=self._samples[2:, :height, :width])
        np.matmul(_DOWN_MATRIX, self._down[0], out=self._down[1])
        np.matmul(self._along[0], _ALONG_MATRIX, out=self._along[1])
        return self._means[:2], self._means[2:]


def _halved(planes: Planes) -> Planes:
    """Return the means of 2 x 2 samples; a last odd row or column counts twice."""
    _, height, width = planes.shape
    if height % 2 or width % 2:
        planes = np.pad(planes, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    halved = np.empty((2, math.ceil(height / 2), math.ceil(width / 2)), np.float32)
    for top in range(0, halved.shape[1], _TILE_ROWS):
        few = planes[:, 2 * top : 2 * (top + _TILE_ROWS)]
        rows = few[:, ::2] + few[:, 1::2]
        rows *= np.float32(0.25)
        np.add(rows[..., ::2], rows[..., 1::2], out=halved[:, top : top + _TILE_ROWS])
    return halved
