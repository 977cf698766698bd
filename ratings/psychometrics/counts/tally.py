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
from ratings.psychometrics.counts.cluster_levels import (
    ALONE,
    Members,
    clusters,
    different,
)
from ratings.psychometrics.counts.counting import changes, count_keys, row_keys
from ratings.psychometrics.counts.tally_checks import (
    check_agreement,
    checked_rows,
    sorted_labels,
)

CHOICES = ("left", "right", "tie")
_HASHED_AT_ONCE = 1 << 15  # rows, which are turned from columns: 1.5 MB


@dataclass(frozen=True, eq=False)
class Tally:
    """The judgments of a study as counts; equal judgments give an equal tally in any order.

    `methods` are the sorted labels. `by_rater` and `by_picture` are int64, shape (rows, 6), with
    the columns of `tally_checks.COLUMNS`: `first` < `second` are indices into `methods`; a cluster
    (a rater, a picture) is a number without meaning, given by what was counted and not by its
    name. Where raters have groups, or pictures scenes, these are the clusters, made of `members`.
    Made by `tally_counts`, `tally_codes` or `tally_judgments`, not by hand.
    """

    methods: tuple[str, ...]
    by_rater: IntArray
    by_picture: IntArray
    members: Members = ALONE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    @cached_property
    def judgments(self) -> int:
        """Number of judgments, ties included."""
        return int(self.by_rater[:, 3:].sum())

    @property
    def rater_clusters(self) -> int:
        """Number of groups of raters, or of raters, with at least one judgment."""
        return cluster_count(self.by_rater)

    @property
    def picture_clusters(self) -> int:
        """Number of scenes, or of pictures, with at least one judgment."""
        return cluster_count(self.by_picture)

    @property
    def raters(self) -> int:
        """Number of raters with at least one judgment; in a part by groups, of the whole."""
        return self.rater_clusters if self.members.raters is None else self.members.raters

    @property
    def pictures(self) -> int:
        """Number of pictures with at least one judgment; in a part by scenes, of the whole."""
        return self.picture_clusters if self.members.pictures is None else self.members.pictures

    @property
    def rater_groups(self) -> int | None:
        """Number of groups, whoever has none being one; None where no group joins raters."""
        return None if self.members.raters is None else self.rater_clusters

    @property
    def scenes(self) -> int | None:
        """Number of scenes, a picture without being one; None where no scene joins pictures."""
        return None if self.members.pictures is None else self.picture_clusters

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
        return tally_counts([self.methods[i] for i in kept], *tables, members=self.members)

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
        if self.members != ALONE:
            sha.update(f"\n{self.members.raters} {self.members.pictures}\n".encode())
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


def tally_counts(
    methods: Sequence[str],
    by_rater: ArrayLike,
    by_picture: ArrayLike,
    *,
    members: Members = ALONE,
) -> Tally:
    """Make a tally from count rows, in any order, with the columns of `tally_checks.COLUMNS`.

    `methods` may come in any order, and a row may name the same pair either way round or again:
    rows of one cluster and pair are added up. `members` says of how many raters and pictures the
    clusters are, where they are groups and scenes. Raises ValueError where a row or a label is
    impossible, or where the two tables don't hold the same judgments.
    """
    labels = sorted_labels(methods)
    place = _codes(methods, labels)
    tables = [
        canonical(checked_rows(rows, len(labels), name), place)
        for rows, name in ((by_rater, "by_rater"), (by_picture, "by_picture"))
    ]
    check_agreement(labels, tables[0], tables[1])
    return _tally(labels, tables[0], tables[1], members)


def _tally(
    labels: tuple[str, ...], by_rater: IntArray, by_picture: IntArray, members: Members
) -> Tally:
    """Make a tally; a level above that joins nothing makes no difference, and is not kept."""
    joined = Members(_if_joined(members.raters, by_rater), _if_joined(members.pictures, by_picture))
    return Tally(labels, by_rater, by_picture, joined)


def _if_joined(members: int | None, table: IntArray) -> int | None:
    return None if members is None or members <= cluster_count(table) else members


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
    *,
    group: Numbers | None = None,
    scene: Numbers | None = None,
) -> Tally:
    """Make a tally from judgments given as whole numbers from 0, one entry each.

    `left` and `right` index `methods`, `choice` indexes `CHOICES`; `rater` and `image` are any
    dense numbering, and so are `group`, of raters, and `scene`, of images, with `NOTHING_ABOVE`
    where there is none. Raises ValueError for a number out of range or a method that meets itself.
    """
    size, labels = len(methods), sorted_labels(methods)
    cell = canonical_cells(_codes(methods, labels), left, right, choice)
    if cell.min(initial=0) < 0:
        twin = np.asarray(left)[np.argmin(cell)]
        raise ValueError(f"Method {methods[twin]!r} is compared with itself.")
    levels = ((np.asarray(rater), group), (np.asarray(image), scene))
    tables = [
        without_names(*count_cells(clusters(own, above), cell, size), size) for own, above in levels
    ]
    members = [None if above is None else different(own) for own, above in levels]
    return _tally(labels, tables[0], tables[1], Members(*members))


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
