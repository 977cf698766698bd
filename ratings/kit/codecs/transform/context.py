# SPDX-License-Identifier: Apache-2.0
"""The context model: which table each quantised coefficient is coded with.

The subbands are walked from coarse to fine, each in four passes over a grid of 2 x 2. What is known
by then around a coefficient (its neighbours of earlier passes, its parent in the coarser subband,
the other orientations and components at its place) tells how large it will be: a sum with learned
weights. Coefficients of like expectation share a table, and tables learn from each pass.

Encoder and decoder walk alike and see the same integers, so they choose the same tables anywhere.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import numpy as np
from arithmetic_coder import Table, quantise
from numpy.typing import NDArray
from probability_models import laplace
from wavelet import Place

Integers = NDArray[np.int32]
Chosen = tuple[Place, NDArray[np.intp]]  # a subband, and indices into it
Code = Callable[[Table, Place, NDArray[np.intp]], Integers]

PASSES = ((0, 0), (1, 1), (0, 1), (1, 0))
# In 256ths, for each orientation and pass: of the parent, its eight neighbours together, the other
# orientations, their neighbours, luma, the first chroma, and in the subband left and right, above
# and below, diagonal. Least squares over photographs at rates around 0.15 bits per pixel.
LUMA = np.array(
    [
        [[42, 7, 0, 0, 0, 0, 0, 0, 0], [21, 1, 0, 0, 0, 0, 0, 0, 48]],
        [[12, 0, 0, 0, 0, 0, 39, 76, 0], [9, 0, 0, 0, 0, 0, 37, 66, 6]],
        [[35, 5, 33, 9, 0, 0, 0, 0, 0], [29, 1, 20, 2, 0, 0, 0, 0, 37]],
        [[8, 1, 9, 2, 0, 0, 77, 29, 0], [9, 0, 9, 0, 0, 0, 86, 25, 3]],
        [[15, 1, 29, 2, 0, 0, 0, 0, 0], [9, 0, 17, 0, 0, 0, 0, 0, 40]],
        [[6, 0, 13, 0, 0, 0, 45, 43, 0], [6, 0, 10, 0, 0, 0, 34, 29, 18]],
    ]
).reshape(3, 4, 9)
CHROMA = np.array(
    [
        [[21, 2, 0, 0, 7, 73, 0, 0, 0], [7, 0, 0, 0, 5, 62, 0, 0, 44]],
        [[4, 0, 0, 0, 3, 47, 38, 70, 0], [4, 0, 0, 0, 3, 45, 34, 60, 8]],
        [[17, 1, 18, 9, 5, 52, 0, 0, 0], [12, 0, 15, 3, 4, 47, 0, 0, 35]],
        [[4, 0, 9, 1, 3, 33, 71, 28, 0], [4, 0, 10, 0, 2, 30, 75, 24, 6]],
        [[8, 0, 22, 2, 2, 60, 0, 0, 0], [6, 0, 15, 0, 2, 51, 0, 0, 35]],
        [[4, 0, 12, 0, 2, 42, 40, 38, 0], [3, 0, 9, 0, 2, 45, 33, 24, 16]],
    ]
).reshape(3, 4, 9)
LARGEST = 255  # magnitudes count as at most this much
BUCKETS = 20
EDGES = np.array([round(6 * 1.45**k) for k in range(BUCKETS - 1)])  # expectations, in 256ths


class LearningTable:
    """Counts of what was coded in one bucket, and the table they make.

    Counting begins with a Laplace distribution of the bucket's expectation.
    """

    WEIGHT = 24 << 8  # of the beginning, in 256ths of a coefficient
    HALVED = 1 << 22  # when counts add up to it they are halved

    def __init__(self, bucket: int) -> None:
        self.radius = 2 if bucket < 5 else 6 if bucket < 12 else 24
        middle = EDGES[min(bucket, len(EDGES) - 1)]
        self._counts = _beginning(int(middle), self.radius) * self.WEIGHT // 65536
        self._table: Table | None = None

    def table(self) -> Table:
        """Return the table as learned so far."""
        if self._table is None:
            self._table = Table(quantise(self._counts.tolist()), -self.radius, escape=True)
        return self._table

    def learn(self, values: Integers) -> None:
        """Count values; what is out of range counts as an escape."""
        escape = 2 * self.radius + 1
        index = np.where(np.abs(values) > self.radius, escape, values + self.radius)
        self._counts = self._counts + 256 * np.bincount(index, minlength=escape + 1)
        if self._counts.sum() > self.HALVED:
            self._counts //= 2
        self._table = None


@cache
def _beginning(expectation: int, radius: int) -> NDArray[np.int64]:
    return np.array(quantise(laplace(max(1, expectation // 16), radius)))


def walk(shapes: Mapping[Place, tuple[int, int]], code: Code) -> dict[Place, Integers]:
    """Visit all coefficients in coding order and return them, quantised, by subband.

    `code` codes those of one subband at some indices (of the raveled subband) with one table, and
    returns them. The lowest subbands come as differences from what `predicted` says.
    """
    tables: dict[tuple[int, int, int], LearningTable] = {}
    magnitudes: dict[Place, Integers] = {}
    bands: dict[Place, Integers] = {}
    for place, shape in shapes.items():
        if place.orientation == 0:
            bands[place] = _walk_lowest(place, shape, code)
            continue
        band = np.zeros(shape, np.int32)
        for where, buckets in _passes(place, band, magnitudes):
            for bucket in np.unique(buckets).tolist():
                key = (min(place.component, 1), min(place.level, 4), bucket)
                learning = tables.setdefault(key, LearningTable(bucket))
                indices = where[buckets == bucket]
                values = code(learning.table(), place, indices)
                learning.learn(values)
                band.ravel()[indices] = values
        bands[place] = band
        magnitudes[place] = np.minimum(np.abs(band), LARGEST)
    return bands


def _passes(
    place: Place, band: Integers, magnitudes: Mapping[Place, Integers]
) -> Iterator[tuple[NDArray[np.intp], Integers]]:
    """Yield indices and buckets of each pass; `band` holds what earlier passes brought."""
    outside = _outside(place, band.shape, magnitudes)
    indices = np.arange(band.size).reshape(band.shape)
    weights = (CHROMA if place.component else LUMA)[place.orientation - 1]
    for (row, column), weight in zip(PASSES, weights, strict=True):
        grid = (slice(row, None, 2), slice(column, None, 2))
        inside = _inside(np.minimum(np.abs(band), LARGEST))
        terms = zip([*outside, *inside], weight.tolist(), strict=True)
        expected = sum(w * term[grid] for term, w in terms if w and term is not None)
        buckets = np.searchsorted(EDGES, np.broadcast_to(expected, indices[grid].shape).ravel())
        yield indices[grid].ravel(), buckets.astype(np.int32)


def _outside(
    place: Place, shape: tuple[int, ...], magnitudes: Mapping[Place, Integers]
) -> list[Integers | None]:
    """Return what other subbands tell: parent, orientations, components (None: nothing)."""
    component, level, orientation = place
    parent = magnitudes.get(Place(component, level + 1, orientation))
    around = None if parent is None else _around(parent)
    siblings = [magnitudes[Place(component, level, o)] for o in range(1, orientation)]
    others = [magnitudes.get(Place(c, level, orientation)) for c in (0, 1)]
    return [
        _doubled(parent, shape),
        _doubled(around, shape),
        sum((_fitted(band, shape) for band in siblings), np.zeros(shape, np.int32)),
        sum((_fitted(_around(band), shape) for band in siblings), np.zeros(shape, np.int32)),
        *(
            None if band is None or c >= component else _fitted(band, shape)
            for c, band in enumerate(others)
        ),
    ]


def _inside(known: Integers) -> list[Integers]:
    """Return sums of neighbours in the subband: across, down, diagonal."""
    padded = np.pad(known, 1)
    rows = padded[:-2] + padded[2:]
    across = padded[1:-1, :-2] + padded[1:-1, 2:]
    return [across, rows[:, 1:-1], rows[:, :-2] + rows[:, 2:]]


def _around(band: Integers) -> Integers:
    """Return the sum of the eight neighbours of each coefficient."""
    across, down, diagonal = _inside(band)
    return across + down + diagonal


def _doubled(band: Integers | None, shape: tuple[int, ...]) -> Integers | None:
    if band is None:
        return None
    return _fitted(band.repeat(2, axis=0).repeat(2, axis=1), shape)


def _fitted(band: Integers, shape: tuple[int, ...]) -> Integers:
    """Cut or fill with zeros: subbands of odd sizes differ by a row or column."""
    fitted = np.zeros(shape, np.int32)
    rows, columns = (min(ends) for ends in zip(shape, band.shape, strict=True))
    fitted[:rows, :columns] = band[:rows, :columns]
    return fitted


def _walk_lowest(place: Place, shape: tuple[int, int], code: Code) -> Integers:
    """Code differences from a prediction one by one, with a scale from the differences before."""
    band = np.zeros(shape, np.int32)
    activity = 256  # 256 times the mean size of differences so far, recent ones counting most
    for row in range(shape[0]):
        for column in range(shape[1]):
            index = np.array([row * shape[1] + column])
            table = lowest_table(activity.bit_length())
            difference = int(code(table, place, index)[0])
            band[row, column] = difference + predicted(band, row, column)
            activity += (256 * abs(difference) - activity) // 8
    return band


@cache
def lowest_table(size: int) -> Table:
    """Return the table for differences of 2^(size - 9) to 2^(size - 8)."""
    return Table(quantise(laplace(max(1, 3 << size >> 6), 40)), -40, escape=True)


def predicted(band: Integers, row: int, column: int) -> int:
    """Return the prediction of a coefficient: left + above - above left, clamped between both."""
    left = int(band[row, column - 1]) if column else 0
    above = int(band[row - 1, column]) if row else left
    corner = int(band[row - 1, column - 1]) if row and column else above
    left = left if column else above
    return sorted((left, above, left + above - corner))[1]
