"""Counting judgments: columns of small whole numbers go in, a small table comes out.

The columns are read once, a cache-sized piece at a time, and nothing is put in order per judgment:
that is done afterwards, on the table.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray, Numbers, narrow

_Column = tuple[ArrayLike, int]

# The keys of this many judgments are worked on at once: 1 MB.
_CHUNK = 1 << 17
# This many cells are counted densely, whatever the number of judgments: 8 MB.
_FEW_CELLS = 1_000_000


def count_outcomes(left: ArrayLike, right: ArrayLike, choice: ArrayLike, size: int) -> IntArray:
    """Return counts[c, i, j] of judgments with i left, j right and choice c, (3, size, size).

    `left` and `right` are indices of methods below `size`, `choice` is 0 for left, 1 for right
    and 2 for a tie; whole numbers of any type, one entry per judgment. Memory beside the columns
    does not grow with them. Raises ValueError for numbers out of range, columns of different
    length, or a method that meets itself.
    """
    counts = _count_cells([(choice, 3), (left, size), (right, size)])
    if counts.diagonal(axis1=1, axis2=2).any():
        raise ValueError("A method is compared with itself.")
    return counts


def wins(counts: IntArray) -> FloatArray:
    """Return wins[i, j] of i over j, (size, size), from `count_outcomes`; ties are half wins."""
    won: FloatArray = counts[0] + counts[1].T + (counts[2] + counts[2].T) / 2
    return won


def _count_cells(columns: Sequence[_Column]) -> IntArray:
    """Return how often each combination of values occurs; one axis per column (values, limit).

    Values are whole numbers from 0 to below their limit. Raises ValueError where they aren't.
    """
    arrays, limits = _arrays(columns), [limit for _, limit in columns]
    cells = int(np.prod(limits))
    counts = np.zeros(0, np.int64)
    # A table is not added up more often than its size pays for.
    for parts in _pieces(arrays, max(_CHUNK, cells)):
        more = np.bincount(_encode(parts, limits), minlength=cells)
        counts = np.add(counts, more, out=counts) if len(counts) else more
    return counts.reshape(limits) if len(counts) else np.zeros(limits, np.int64)


def count_keys(columns: Sequence[_Column]) -> tuple[IntArray, IntArray]:
    """Return the keys (see `encode`) that occur, ascending, and how often each does, (keys,) each.

    Counts like `_count_cells` where all cells take little memory, and sorts where they don't.
    """
    cells = np.prod([float(limit) for _, limit in columns])
    if cells <= _FEW_CELLS + np.size(columns[0][0]):
        counts = _count_cells(columns).ravel()
        keys = np.flatnonzero(counts)
        return keys, counts[keys]
    ordered = row_keys(columns)
    ordered.sort()
    starts = np.flatnonzero(changes(ordered))
    return ordered[starts], np.diff(starts, append=len(ordered))


def changes(values: Numbers) -> BoolArray:
    """Tell which values differ from the one before, shape (values,); the first one does."""
    differ = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=differ[1:])
    return differ


def row_keys(columns: Sequence[_Column]) -> IntArray:
    """Return the values of each row as one number (a key), shape (rows,), the last column fastest.

    Raises ValueError for numbers out of range or columns of different length.
    """
    return _encode(_arrays(columns), [limit for _, limit in columns])


def key_columns(keys: IntArray, limits: Sequence[int]) -> list[Numbers]:
    """Return what `row_keys` made keys of, by the limits of its columns, (keys,) each, narrow."""
    columns: list[Numbers] = []
    for limit in reversed(limits):
        keys, column = np.divmod(keys, limit)
        columns.append(narrow(column))
    return columns[::-1]


def _encode(arrays: list[Numbers], limits: list[int]) -> IntArray:
    keys = np.empty(len(arrays[0]), np.int64)
    for key, *parts in _pieces([keys, *arrays], _CHUNK):
        for part, limit in zip(parts, limits, strict=True):
            _check_range(part, limit)
        so_far = parts[0]
        for part, limit in zip(parts[1:], limits[1:], strict=True):
            np.multiply(so_far, limit, out=key, casting="unsafe", dtype=np.int64)
            np.add(key, part, out=key, casting="unsafe", dtype=np.int64)
            so_far = key
        if len(parts) == 1:
            key[:] = parts[0]
    return keys


def _pieces(arrays: list[Numbers], step: int) -> Iterator[list[Numbers]]:
    """Yield the next `step` entries of all arrays, until the end."""
    for start in range(0, len(arrays[0]), step):
        yield [array[start : start + step] for array in arrays]


def _check_range(part: Numbers, limit: int) -> None:
    """Refuse numbers outside 0 to below the limit."""
    # Read as unsigned, negative numbers are too large as well.
    if part.view(part.dtype.str.replace("i", "u")).max() >= limit:
        raise ValueError(f"A number is out of range: it must be 0 to {limit - 1}.")


def _arrays(columns: Sequence[_Column]) -> list[Numbers]:
    """Return the columns as arrays of whole numbers of equal length."""
    arrays = [np.asarray(values) for values, _ in columns]
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        raise ValueError("All columns must have one entry per judgment.")
    if not len(arrays[0]):
        return [array.astype(np.int64) for array in arrays]
    for array in arrays:
        if array.dtype.kind not in "iu":
            raise ValueError(f"Judgments must be whole numbers, not {array.dtype}.")
    return arrays
