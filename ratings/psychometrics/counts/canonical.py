"""Tables of counts in the one order that their content gives, whatever order they came in."""

import numpy as np

from ratings.psychometrics.arrays import IntArray


def canonical(table: IntArray, place: IntArray) -> IntArray:
    """Renumber methods (`place` has the new numbers), add up equal rows, order all by content.

    Rows are (cluster, first, second, wins_first, wins_second, ties), shape (rows, 6).
    """
    size = len(place)
    cluster, first, second, *counts = table.T
    first, second = place[first], place[second]
    swapped = first > second
    if swapped.any():
        first, second = np.where(swapped, (second, first), (first, second))
        counts[:2] = np.where(swapped, counts[1::-1], counts[:2])
    key = (_dense_numbers(cluster) * size + first) * size + second
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    key, is_merged = key[starts], len(starts) < len(order)
    merged = np.empty((len(starts), table.shape[1]), np.int64, order="F")
    merged[:, 0], pair = np.divmod(key, size * size) if size else (key, key)
    merged[:, 1], merged[:, 2] = np.divmod(pair, size) if size else (key, key)
    for column, count in enumerate(counts, 3):
        count = count[order]
        merged[:, column] = np.add.reduceat(count, starts) if is_merged else count
    return without_names(merged)


def _dense_numbers(values: IntArray) -> IntArray:
    """Number the different values in their order, from 0."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    if high - low > 4 * len(values):
        return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)
    is_there = np.zeros(high - low + 1, np.int64)  # in no order: many times as fast as by sorting
    is_there[values - low] = 1
    return np.asarray((np.cumsum(is_there) - 1)[values - low], np.int64)


def without_names(table: IntArray) -> IntArray:
    """Number the clusters by what they counted, so that their names can't change any result."""
    result = table
    if len(table):
        start = np.flatnonzero(np.diff(table[:, 0], prepend=table[0, 0] - 1))
        size = np.diff(start, append=len(table))
        order = _by_content(table[:, 1:], start, size)
        size = size[order]
        # Where each row of the result comes from: its block's start, and its place in the block.
        shift = np.repeat(start[order] - (np.cumsum(size) - size), size)
        result = np.asfortranarray(table[np.arange(len(table)) + shift])
        result[:, 0] = np.repeat(np.arange(len(size)), size)
    result.flags.writeable = False
    return result


def _by_content(counted: IntArray, start: IntArray, size: IntArray) -> IntArray:
    """Return the order of blocks of rows, each `size` long from `start`, by what is in them."""
    # Whole numbers of one width, the highest byte first, are in order as their bytes are.
    narrow = ">u4" if int(counted.max()) < 1 << 32 else ">u8"
    rows = counted.astype(narrow, order="C")
    content, width = rows.view(np.uint8).ravel().data, rows.strides[0]
    ends = zip((start * width).tolist(), ((start + size) * width).tolist(), strict=True)
    blocks = [bytes(content[begin:end]) for begin, end in ends]
    return np.array(sorted(range(len(blocks)), key=blocks.__getitem__))
