"""The judgments of a file as columns of numbers, and what was left out of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ratings.psychometrics.arrays import BoolArray, IntArray, Numbers, narrow
from ratings.psychometrics.counts.counting import row_keys
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.counts.tally import Tally, tally_codes

COLUMNS = (
    *("rater", "image", "left", "right", "choice", "crop_x", "crop_y"),
    *("scene", "group", "part"),
)


@dataclass(frozen=True, eq=False)
class Judgments:
    """The judgments in use, one entry each; columns are of narrow numbers, times of int64.

    `left` and `right` are numbers of `methods`, `rater` of `raters`, `image` of `images`, `part` of
    `parts`: labels in any order, of which some may be unused. Without labels each number is a
    rater, or a picture, of its own. `scene` numbers those of images and `group` those of raters,
    `NOTHING_ABOVE` where there is none. `choice` is a place in tally's `CHOICES`. What the file
    doesn't tell is None. `facts` are columns of what judgments were made under: numbers, 0 where
    there is none, or places in the column's `words`. `excluded` counts comparisons that were left
    out, `checks` the rows that are no comparisons; `goldens` has each rater's right and wrong
    answers to golden trials; `notes` say what was read otherwise than it was written.
    """

    methods: tuple[str, ...]
    raters: tuple[str, ...]
    images: tuple[str, ...]
    rater: Numbers
    image: Numbers
    left: Numbers
    right: Numbers
    choice: Numbers
    crop_x: Numbers | None = None
    crop_y: Numbers | None = None
    response_ms: IntArray | None = None
    judged_at: IntArray | None = None
    scene: Numbers | None = None
    group: Numbers | None = None
    parts: tuple[str, ...] = ()
    part: Numbers | None = None
    facts: Mapping[str, Numbers] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: int = 0
    checks: int = 0
    goldens: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def tally(self) -> Tally:
        """Return the judgments as counts."""
        methods, place = _used(self.methods, self.left, self.right)
        sides = place[self.left], place[self.right]
        answers = (self.rater, self.image, *sides, self.choice)
        return tally_codes(methods, *answers, group=self.group, scene=self.scene)

    def arrays(self) -> JudgmentArrays:
        """Return the judgments one by one, with what is known of crops and times."""
        methods, method = _used(self.methods, self.left, self.right)
        raters, rater = _used(self.raters or _own("rater", self.rater), self.rater)
        images, image = _used(self.images or _own("picture", self.image), self.image)
        return JudgmentArrays(
            methods=methods,
            raters=raters,
            images=images,
            rater=rater[self.rater],
            image=image[self.image],
            shown=self._shown(image[self.image]),
            left=method[self.left],
            right=method[self.right],
            choice=self.choice,
            response_ms=self.response_ms,
            judged_at=self.judged_at,
            group=self.group,
            scene=self.scene,
        )

    def split(self) -> Iterator[tuple[str, "Judgments"]]:
        """Yield each part's label and judgments, in the labels' order; one without a label if none.

        What was left out is told with all of them.
        """
        if self.part is None:
            yield "", self
            return
        for number in sorted(np.unique(self.part).tolist(), key=self.parts.__getitem__):
            yield self.parts[number], self._where(self.part == number)

    def _where(self, chosen: BoolArray) -> "Judgments":
        names = (*COLUMNS, "response_ms", "judged_at")
        columns = {name: getattr(self, name) for name in names}
        kept = {name: column[chosen] for name, column in columns.items() if column is not None}
        facts = {name: column[chosen] for name, column in self.facts.items()}
        return replace(self, **kept, facts=facts)

    def _shown(self, image: Numbers) -> Numbers:
        """Return a numbering of the crops, or of the pictures where the file has no crops."""
        if self.crop_x is None or self.crop_y is None:
            return image
        columns = (image, self.crop_x, self.crop_y)
        keys = row_keys([(column, int(column.max(initial=0)) + 1) for column in columns])
        return narrow(np.unique(keys, return_inverse=True)[1])


def _own(word: str, numbers: Numbers) -> tuple[str, ...]:
    return tuple(f"{word} {number + 1}" for number in range(int(numbers.max(initial=-1)) + 1))


def _used(labels: Sequence[str], *columns: Numbers) -> tuple[tuple[str, ...], Numbers]:
    """Return the labels in use, sorted, and the place among them of each number, narrow."""
    in_use = np.zeros(len(labels), np.bool_)
    for column in columns:
        in_use[column] = True
    used = sorted(np.flatnonzero(in_use).tolist(), key=labels.__getitem__)
    place = np.zeros(len(labels), np.int64)
    place[used] = np.arange(len(used))
    return tuple(labels[number] for number in used), narrow(place)
