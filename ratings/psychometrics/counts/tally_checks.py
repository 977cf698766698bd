"""What a tally may be made of: labels, and rows of counts that can be."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ratings.psychometrics.arrays import IntArray, Numbers

COLUMNS = ("cluster", "first", "second", "wins_first", "wins_second", "ties")


def sorted_labels(methods: Sequence[str]) -> tuple[str, ...]:
    """Return the sorted labels, refusing empty and repeated ones."""
    if any(not isinstance(label, str) or not label for label in methods):
        raise ValueError("Every method needs a label that is a text and not empty.")
    if len(set(methods)) != len(methods):
        raise ValueError("Two methods have the same label: each label must be there once.")
    return tuple(sorted(methods))


def checked_rows(rows: ArrayLike, size: int, name: str) -> Numbers:
    """Return a table as columns of narrow numbers, (rows, 6), refusing impossible rows."""
    table = np.asarray(rows)
    if table.size == 0:
        return np.zeros((0, len(COLUMNS)), np.int64)
    if table.ndim != 2 or table.shape[1] != len(COLUMNS) or table.dtype.kind not in "iu":
        raise ValueError(f"{name} must be rows of whole numbers: {', '.join(COLUMNS)}.")
    pairs, counts = table[:, 1:3], table[:, 3:]
    if (pairs < 0).any() or (pairs >= size).any():
        raise ValueError(f"{name} names a method that is not among the {size} methods.")
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise ValueError(f"{name} has a row that compares a method with itself.")
    if (counts < 0).any():
        raise ValueError(f"{name} has a negative count.")
    table = np.asarray(table, np.int32 if table.max() < 1 << 31 else np.int64, order="F")
    counts = table[:, 3:]
    judged = counts[:, 0] | counts[:, 1] | counts[:, 2]  # many times as fast as `any` along rows
    return table if judged.all() else table[judged > 0]


def check_agreement(labels: tuple[str, ...], by_rater: IntArray, by_picture: IntArray) -> None:
    """Refuse tables that differ in how often each pair had each outcome."""
    size = len(labels)
    totals = []
    for table in (by_rater, by_picture):
        pair = table[:, 1] * size + table[:, 2]
        columns = [np.bincount(pair, table[:, c], minlength=size * size) for c in (3, 4, 5)]
        totals.append(np.reshape(columns, (3, size, size)))
    differing = np.argwhere((totals[0] != totals[1]).any(axis=0))
    if len(differing):
        first, second = (labels[i] for i in differing[0])
        raise ValueError(
            f"by_rater and by_picture don't hold the same judgments: they differ for "
            f"{first!r} against {second!r} ({len(differing)} pairs in all)."
        )
