"""Judgments one by one, as numbers: what is asked about raters needs more than counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray, Numbers, narrow
from ratings.psychometrics.counts.cluster_levels import clusters
from ratings.psychometrics.counts.tally import (
    CHOICES,
    Tally,
    canonical_cells,
    count_cells,
    tally_codes,
)

TIE = CHOICES.index("tie")
# By choice: how far the left was preferred.
LEFT_WON: FloatArray = np.array([1.0, 0.0, 0.5])


@dataclass(frozen=True, eq=False)
class JudgmentArrays:
    """The judgments of a study, one entry each, in any order, as whole numbers of any width.

    A million are narrow: what is calculated from them may not fit in their types (see `row_keys`).

    `methods` are labels in sorted order, as in a tally; ValueError if they are not. `left` and
    `right` index `methods`, `rater` indexes `raters`, `choice` indexes `CHOICES` and `image`
    indexes `images`; `shown` is any dense numbering of what was shown (a crop of the image), or
    that of the image where nothing finer is known. `response_ms` are milliseconds, negative
    where unknown; `judged_at` is any number that grows with time, such as milliseconds since 1970.
    `group` numbers those of raters and `scene` those of images, `NOTHING_ABOVE` where there is
    none; None where nobody has one.
    """

    methods: tuple[str, ...]
    raters: tuple[str, ...]
    images: tuple[str, ...]
    rater: Numbers
    image: Numbers
    shown: Numbers
    left: Numbers
    right: Numbers
    choice: Numbers
    response_ms: IntArray | None = None
    judged_at: IntArray | None = None
    group: Numbers | None = None
    scene: Numbers | None = None

    def __post_init__(self) -> None:
        if list(self.methods) != sorted(set(self.methods)):
            raise ValueError("The methods of judgments must be different labels in sorted order.")

    def __len__(self) -> int:
        return len(self.rater)

    def tally(self) -> Tally:
        """Return the judgments as counts without names."""
        answers = (self.rater, self.image, self.left, self.right, self.choice)
        return tally_codes(self.methods, *answers, group=self.group, scene=self.scene)

    def clusters(self) -> tuple[Numbers, Numbers]:
        """Return numbers of what judgments are clustered by: raters or groups, images or scenes."""
        return clusters(self.rater, self.group), clusters(self.image, self.scene)

    def counts(self, cluster: Numbers) -> IntArray:
        """Return rows (cluster, first, second, wins_first, wins_second, ties), first < second.

        `cluster` is `rater`, `image` or any other numbering of the judgments; unlike in a tally
        its numbers stay what they are.
        """
        size = len(self.methods)
        cell = canonical_cells(np.arange(size), self.left, self.right, self.choice)
        pairs, outcomes = count_cells(cluster, cell, size)
        number, pair = np.divmod(pairs, size * size)
        return np.column_stack([number, *np.divmod(pair, size), *outcomes])

    def ordered(self) -> "JudgmentArrays":
        """Return the judgments in an order of content: sums then don't depend on that of rows.

        Without times they stay as they are: all else that is asked of them is counted.
        """
        known = [column for column in (self.response_ms, self.judged_at) if column is not None]
        if not known:
            return self
        keys = [*known, self.choice, self.right, self.left, self.shown, self.image, self.rater]
        return self.where(np.lexsort(keys))

    def among(self, kept: Sequence[int]) -> "JudgmentArrays":
        """Return the judgments among some methods only; raters and images keep their numbers."""
        if list(kept) == list(range(len(self.methods))):
            return self  # nearly always: a copy of a million would take some memory
        place = np.full(len(self.methods), -1)
        place[list(kept)] = np.arange(len(kept))
        place = narrow(place)
        judgments = self.where((place[self.left] >= 0) & (place[self.right] >= 0))
        names = tuple(self.methods[i] for i in kept)
        return replace(
            judgments, methods=names, left=place[judgments.left], right=place[judgments.right]
        )

    def where(self, chosen: BoolArray | IntArray) -> "JudgmentArrays":
        """Return some of the judgments (a mask, or their places), all numbers as they are."""
        return replace(
            self,
            rater=self.rater[chosen],
            image=self.image[chosen],
            shown=self.shown[chosen],
            left=self.left[chosen],
            right=self.right[chosen],
            choice=self.choice[chosen],
            response_ms=None if self.response_ms is None else self.response_ms[chosen],
            judged_at=None if self.judged_at is None else self.judged_at[chosen],
            group=None if self.group is None else self.group[chosen],
            scene=None if self.scene is None else self.scene[chosen],
        )


def judgment_arrays(
    rater: Sequence[str],
    image: Sequence[str],
    left: Sequence[str],
    right: Sequence[str],
    choice: Sequence[str],
    *,
    shown: Sequence[str] | None = None,
    response_ms: Sequence[int] | None = None,
    judged_at: Sequence[int] | None = None,
) -> JudgmentArrays:
    """Number judgments given as texts; `choice` is left, right or tie.

    Raises ValueError where the columns have different lengths or a choice is unknown.
    """
    columns = [rater, image, left, right, choice, shown, response_ms, judged_at]
    if len({len(column) for column in columns if column is not None}) != 1:
        raise ValueError("All columns of judgments must have one entry per judgment.")
    if unknown := sorted(set(choice) - set(CHOICES)):
        raise ValueError(f"Unknown choice {unknown[0]!r}: it must be left, right or tie.")
    raters, rater_number = _numbered(rater)
    images, image_number = _numbered(image)
    methods, sides = _numbered([*left, *right])
    code = {name: number for number, name in enumerate(CHOICES)}
    return JudgmentArrays(
        methods=methods,
        raters=raters,
        images=images,
        rater=rater_number,
        image=image_number,
        shown=image_number if shown is None else _numbered(shown)[1],
        left=sides[: len(left)],
        right=sides[len(left) :],
        choice=narrow(np.array([code[name] for name in choice], np.int64)),
        response_ms=None if response_ms is None else np.array(response_ms, np.int64),
        judged_at=None if judged_at is None else np.array(judged_at, np.int64),
    )


def _numbered(values: Sequence[str]) -> tuple[tuple[str, ...], Numbers]:
    """Return the different values, sorted, and the place of each value among them."""
    known = sorted(set(values))
    place = {value: index for index, value in enumerate(known)}
    return tuple(known), narrow(np.array([place[value] for value in values], np.int64))
