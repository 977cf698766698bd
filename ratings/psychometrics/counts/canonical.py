"""Tables of counts in the one order that their content gives, whatever order they came in."""

from collections.abc import Sequence

import numpy as np

from ratings.psychometrics.arrays import IntArray, Numbers


def canonical(table: Numbers, place: IntArray) -> IntArray:
    """Renumber methods (`place` has the new numbers), add up equal rows, order all by content.

    Rows are (cluster, first, second, wins_first, wins_second, ties), shape (rows, 6).
    """
    key, counts = _added_up(table, place)
    return without_names(key, counts, len(place))


def _added_up(table: Numbers, place: IntArray) -> tuple[IntArray, list[Numbers]]:
    """Return the keys of `without_names` and their counts, each pair of a cluster once."""
    size = len(place)
    cluster, first, second, *counts = table.T
    first, second = place[first], place[second]
    swapped = first > second
    if swapped.any():
        first, second = np.where(swapped, (second, first), (first, second))
        counts[:2] = np.where(swapped, counts[1::-1], counts[:2])
    key = (_dense_numbers(cluster) * size + first) * size + second
    order = _rising(key)
    key, counts = key[order], [count[order] for count in counts]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    if len(starts) == len(key):
        return key, counts
    return key[starts], [np.add.reduceat(count, starts, dtype=np.int64) for count in counts]


def _rising(key: IntArray) -> IntArray:
    """Return the order in which whole numbers from 0 rise; equal ones stay as they come.

    Numbers of 16 bits numpy counts instead of comparing them: with two or three such digits that
    takes a quarter of the time.
    """
    order = np.argsort(key.astype(np.uint16), kind="stable")
    for shift in range(16, int(key.max(initial=0)).bit_length(), 16):
        digit = (key >> shift).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def _dense_numbers(values: Numbers) -> IntArray:
    """Number the different values in their order, from 0."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    if high - low > 4 * len(values):
        return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)
    is_there = np.zeros(high - low + 1, np.int64)  # in no order: many times as fast as by sorting
    is_there[values - low] = 1
    return np.asarray((np.cumsum(is_there) - 1)[values - low], np.int64)


def without_names(key: IntArray, counts: Sequence[Numbers], size: int) -> IntArray:
    """Return rows with their clusters numbered by what they counted, so that no name changes any.

    `key`, rising, is (cluster * size + first) * size + second of each row, `counts` its wins_first,
    wins_second and ties. Returns int64, shape (rows, 6), read by columns and never written.
    """
    cluster, pair = np.divmod(key, size * size)
    start = np.flatnonzero(np.diff(cluster, prepend=-1))
    rows = np.diff(start, append=len(key))
    order = _by_content([pair, *counts], start, rows)
    rows = rows[order]
    # Where each row of the result comes from: its block's start, and its place in the block.
    source = np.repeat(start[order] - (np.cumsum(rows) - rows), rows)
    source += np.arange(len(source))
    result = np.empty((len(key), 6), np.int64, order="F")
    result[:, 0] = np.repeat(np.arange(len(rows)), rows)
    np.divmod(pair[source], size, out=(result[:, 1], result[:, 2]))
    for column, count in enumerate(counts, 3):
        result[:, column] = count[source]
    result.flags.writeable = False
    return result


def _by_content(columns: Sequence[Numbers], start: IntArray, size: IntArray) -> IntArray:
    """Return the order of blocks of rows, each `size` long from `start`, by what is in them."""
    # Whole numbers of one width, the highest byte first, are in order as their bytes are.
    most = max(int(column.max(initial=0)) for column in columns)
    rows = np.empty((len(columns[0]), len(columns)), ">u4" if most < 1 << 32 else ">u8")
    for place, column in enumerate(columns):
        rows[:, place] = column
    content, width = rows.view(np.uint8).ravel().data, rows.strides[0]
    ends = zip((start * width).tolist(), ((start + size) * width).tolist(), strict=True)
    blocks = [bytes(content[begin:end]) for begin, end in ends]
    return np.array(sorted(range(len(blocks)), key=blocks.__getitem__), np.int64)
