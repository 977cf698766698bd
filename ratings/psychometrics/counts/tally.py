"""What a fit is made of: counts per rater and pair, and per picture and pair."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ratings.psychometrics.arrays import FloatArray, IntArray, Numbers, narrow
from ratings.psychometrics.counts.canonical import canonical, without_names
from ratings.psychometrics.counts.counting import changes, count_keys, row_keys

CHOICES = ("left", "right", "tie")
COLUMNS = ("cluster", "first", "second", "wins_first", "wins_second", "ties")
_HASHED_AT_ONCE = 1 << 15  # rows, which are turned from columns: 1.5 MB


@dataclass(frozen=True, eq=False)
class Tally:
    """The judgments of a study as counts; equal judgments give an equal tally in any order.

    `methods` are the sorted labels. `by_rater` and `by_picture` are int64, shape (rows, 6), with
    the columns of `COLUMNS`: `first` < `second` are indices into `methods`; a cluster (a rater, a
    picture) is a number without meaning, given by what was counted and not by its name.
    Made by `tally_counts`, `tally_codes` or `tally_judgments`, not by hand.
    """

    methods: tuple[str, ...]
    by_rater: IntArray
    by_picture: IntArray

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    @cached_property
    def judgments(self) -> int:
        """Number of judgments, ties included."""
        return int(self.by_rater[:, 3:].sum())

    @property
    def raters(self) -> int:
        """Number of raters with at least one judgment."""
        return cluster_count(self.by_rater)

    @property
    def pictures(self) -> int:
        """Number of pictures with at least one judgment."""
        return cluster_count(self.by_picture)

    def wins(self) -> FloatArray:
        """Return wins[i, j], (methods, methods): how often i was preferred to j, ties as halves."""
        return self._wins.copy()

    @cached_property
    def _wins(self) -> FloatArray:
        return win_matrix(self.by_rater, len(self.methods))

    def ties(self) -> FloatArray:
        """Return ties[i, j] = ties[j, i], (methods, methods): how often neither was preferred.

        `wins() - ties() / 2` are the wins without ties, which Davidson's model asks for.
        """
        _, first, second, _, _, ties = self.by_rater.T
        once = _dense(first, second, ties, len(self.methods))
        return once + once.T

    def judged(self) -> IntArray:
        """Return the number of judgments of each method, shape (methods,)."""
        pairs = self._wins + self._wins.T  # halves and whole numbers: exact
        return np.asarray(np.rint(pairs.sum(axis=1)), np.int64)

    def keep(self, kept: Sequence[int]) -> "Tally":
        """Return the tally of the judgments among some methods (different indices) only."""
        if len(kept) == len(self.methods):
            return self
        position = np.full(len(self.methods), -1)
        position[list(kept)] = np.arange(len(kept))
        tables = []
        for table in (self.by_rater, self.by_picture):
            rows = table.copy()
            rows[:, 1:3] = position[rows[:, 1:3]]
            tables.append(rows[(rows[:, 1:3] >= 0).all(axis=1)])
        return tally_counts([self.methods[i] for i in kept], *tables)

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the labels and counts; no names of raters or pictures."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        sha = hashlib.sha256(b"tally 1\n")
        sha.update(json.dumps(self.methods, ensure_ascii=True).encode())
        for table in (self.by_rater, self.by_picture):
            sha.update(f"\n{len(table)}\n".encode())
            for start in range(0, len(table), _HASHED_AT_ONCE):
                rows = table[start : start + _HASHED_AT_ONCE]
                sha.update(np.ascontiguousarray(rows, "<i8").data)
        return sha.hexdigest()


def cluster_count(table: IntArray) -> int:
    """Return the number of clusters of a canonical table."""
    return int(table[-1, 0]) + 1 if len(table) else 0


def win_matrix(table: IntArray, size: int) -> FloatArray:
    """Return a table's wins[i, j] of i over j, shape (size, size), ties as halves."""
    _, first, second, wins_first, wins_second, ties = table.T
    by_first = _dense(first, second, wins_first + ties / 2, size)
    return by_first + _dense(second, first, wins_second + ties / 2, size)


def _dense(row: IntArray, column: IntArray, value: ArrayLike, size: int) -> FloatArray:
    """Return the sums of the values in each cell, shape (size, size)."""
    total = np.bincount(row * size + column, value, minlength=size * size)
    return np.asarray(total, np.float64).reshape(size, size)


def tally_counts(methods: Sequence[str], by_rater: ArrayLike, by_picture: ArrayLike) -> Tally:
    """Make a tally from count rows, in any order, with the columns of `COLUMNS`.

    `methods` may come in any order, and a row may name the same pair either way round or again:
    rows of one cluster and pair are added up. Raises ValueError where a row or a label is
    impossible, or where the two tables don't hold the same judgments.
    """
    labels = _labels(methods)
    place = _codes(methods, labels)
    tables = [
        canonical(_checked(rows, len(labels), name), place)
        for rows, name in ((by_rater, "by_rater"), (by_picture, "by_picture"))
    ]
    _check_agreement(labels, tables[0], tables[1])
    return Tally(labels, tables[0], tables[1])


def tally_judgments(
    rater: Sequence[str],
    image: Sequence[str],
    left: Sequence[str],
    right: Sequence[str],
    choice: Sequence[str],
) -> Tally:
    """Make a tally from judgments, one entry each; `choice` is left, right or tie.

    Raises ValueError where lengths differ, a choice is unknown or a method meets itself.
    """
    if len({len(column) for column in (rater, image, left, right, choice)}) != 1:
        raise ValueError("rater, image, left, right and choice must have one entry per judgment.")
    unknown = sorted(set(choice) - set(CHOICES))
    if unknown:
        raise ValueError(f"Unknown choice {unknown[0]!r}: it must be left, right or tie.")
    methods = sorted({*left, *right})
    return tally_codes(
        methods,
        _codes(rater, sorted(set(rater))),
        _codes(image, sorted(set(image))),
        _codes(left, methods),
        _codes(right, methods),
        _codes(choice, CHOICES),
    )


def tally_codes(
    methods: Sequence[str],
    rater: ArrayLike,
    image: ArrayLike,
    left: ArrayLike,
    right: ArrayLike,
    choice: ArrayLike,
) -> Tally:
    """Make a tally from judgments given as whole numbers from 0, one entry each.

    `left` and `right` index `methods`, `choice` indexes `CHOICES`; `rater` and `image` are any
    dense numbering. Raises ValueError for a number out of range or a method that meets itself.
    """
    size, labels = len(methods), _labels(methods)
    cell = canonical_cells(_codes(methods, labels), left, right, choice)
    if cell.min(initial=0) < 0:
        twin = np.asarray(left)[np.argmin(cell)]
        raise ValueError(f"Method {methods[twin]!r} is compared with itself.")
    return Tally(
        labels, *(without_names(*count_cells(codes, cell, size), size) for codes in (rater, image))
    )


def canonical_cells(
    place: IntArray, left: ArrayLike, right: ArrayLike, choice: ArrayLike
) -> Numbers:
    """Return (first, second, outcome) of each judgment as one number, shape (judgments,), narrow.

    `place[i]` is the number of method i among the sorted labels; what the numbers mean is said at
    `_cells`. Raises ValueError for a number out of range.
    """
    size = len(place)
    keys = row_keys([(left, size), (right, size), (choice, 3)])
    if 0 < len(keys) < 3 * size**2:
        return _cells(place[np.asarray(left)], place[np.asarray(right)], np.asarray(choice), size)
    # Sides and labels are put in order once for each possible judgment, and then looked up.
    return _each_cell(place)[keys]


def _each_cell(place: IntArray) -> Numbers:
    """Return, for each (left, right, choice) as one number, what `_cells` makes of it."""
    size = len(place)
    first, second = np.repeat(place, 3 * size), np.tile(np.repeat(place, 3), size)
    return _cells(first, second, np.tile(np.arange(3), size * size), size)


def _cells(first: IntArray, second: IntArray, choice: IntArray, size: int) -> Numbers:
    """Return (first, second, outcome) as one number, for judgments of either order, narrow.

    `first` and `second` are numbers among the sorted labels; the outcome is 0 where the lower one
    is preferred, 1 where the other is, 2 for a tie. A method against itself gives -1.
    """
    outcome = np.where((first > second) & (choice < 2), 1 - choice, choice)
    cell = (np.minimum(first, second) * size + np.maximum(first, second)) * 3 + outcome
    return narrow(np.where(first == second, -1, cell))


def count_cells(cluster: ArrayLike, cell: Numbers, size: int) -> tuple[IntArray, list[IntArray]]:
    """Count `canonical_cells` per cluster, numbers from 0; returns what `without_names` takes."""
    cells = size * size * 3
    keys, times = count_keys([(cluster, int(np.max(cluster, initial=-1)) + 1), (cell, cells)])
    pairs = keys // 3
    new = changes(pairs)
    outcomes = np.zeros((3, np.count_nonzero(new)), np.int64)
    outcomes[keys % 3, np.cumsum(new) - 1] = times
    return pairs[new], [*outcomes]


def _codes(values: Iterable[str], known: Sequence[str]) -> IntArray:
    """Number each value by its place among the known ones."""
    place = {value: index for index, value in enumerate(known)}
    return np.array([place[value] for value in values], np.int64)


def _labels(methods: Sequence[str]) -> tuple[str, ...]:
    """Return the sorted labels, refusing empty and repeated ones."""
    if any(not isinstance(label, str) or not label for label in methods):
        raise ValueError("Every method needs a label that is a text and not empty.")
    if len(set(methods)) != len(methods):
        raise ValueError("Two methods have the same label: each label must be there once.")
    return tuple(sorted(methods))


def _checked(rows: ArrayLike, size: int, name: str) -> Numbers:
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


def _check_agreement(labels: tuple[str, ...], by_rater: IntArray, by_picture: IntArray) -> None:
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
