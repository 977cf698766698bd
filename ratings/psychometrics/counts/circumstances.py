"""What a judgment was made under, and what of it a ranking may be adjusted for.

docs/scoring.md says what each means. Rate and position are of one side against the other;
fatigue, layout and device are of the judgment, and change how clearly differences are seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray, Numbers, narrow

RATE, POSITION, FATIGUE, LAYOUT, DEVICE, STRATA = (
    *("rate", "position", "fatigue", "layout", "device", "strata"),
)
ADJUSTABLE = (RATE, POSITION, FATIGUE, LAYOUT, DEVICE, STRATA)
# What each needs to know of a judgment, by the columns of an export.
NEEDED: Mapping[str, tuple[str, ...]] = {
    RATE: ("left_bytes", "right_bytes"),
    POSITION: (),
    FATIGUE: ("number",),
    LAYOUT: ("layout",),
    DEVICE: ("device",),
    STRATA: ("stratum", "stratum_pictures", "dataset_pictures"),
}


class Confounded(ValueError):
    """Judgments can't be adjusted for something: `name` says for what, the text why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


@dataclass(frozen=True, eq=False)
class Classes:
    """Of each judgment one of a few classes: `number`, (judgments,), indexes `labels`."""

    labels: tuple[str, ...]
    number: Numbers

    def where(self, chosen: BoolArray | IntArray) -> "Classes":
        """Return those of some of the judgments."""
        return replace(self, number=self.number[chosen])


@dataclass(frozen=True, eq=False)
class Circumstances:
    """Columns of one entry a judgment, (judgments,) each; None of what isn't known.

    `left_bytes` and `right_bytes` are the lengths of the two bitstreams, `number` the place of the
    answer among its rater's, from 1; 0 where that is not known. `stratum` are data sets and the
    strata of pictures in them; `stratum_pictures` and `dataset_pictures` count the pictures of the
    judgment's stratum and data set.
    """

    left_bytes: Numbers | None = None
    right_bytes: Numbers | None = None
    number: Numbers | None = None
    layout: Classes | None = None
    device: Classes | None = None
    stratum: Classes | None = None
    stratum_pictures: Numbers | None = None
    dataset_pictures: Numbers | None = None

    def where(self, chosen: BoolArray | IntArray) -> "Circumstances":
        """Return those of some of the judgments."""
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        columns: dict[str, Any] = {
            name: column.where(chosen) if isinstance(column, Classes) else column[chosen]
            for name, column in known.items()
            if column is not None
        }
        return Circumstances(**columns)


def adjustable(names: Iterable[str]) -> tuple[str, ...]:
    """Return names in one order, each once. Raises ValueError for one that is unknown."""
    chosen = {*names}
    if unknown := sorted(chosen - {*ADJUSTABLE}):
        raise ValueError(
            f"A ranking can't be adjusted for {unknown[0]!r}; it can for {', '.join(ADJUSTABLE)}."
        )
    return tuple(name for name in ADJUSTABLE if name in chosen)


def classes(texts: Iterable[str]) -> Classes:
    """Number texts, one a judgment."""
    found = list(texts)
    labels = tuple(sorted(set(found)))
    place = {label: number for number, label in enumerate(labels)}
    return Classes(labels, narrow(np.array([place[text] for text in found], np.int64)))


def joined(first: Classes | None, second: Classes | None, between: str) -> Classes | None:
    """Return classes of both together; the one that is known where the other isn't."""
    if first is None or second is None:
        return first or second
    size = len(second.labels)
    pairs, number = np.unique(
        first.number.astype(np.int64) * size + second.number, return_inverse=True
    )
    told = [(first.labels[pair // size], second.labels[pair % size]) for pair in pairs.tolist()]
    return Classes(tuple(between.join(both).strip() for both in told), narrow(number))


def known_numbers(name: str, column: Numbers | None, what: str) -> FloatArray:
    """Return a column of counts, none missing. Raises Confounded where one is."""
    if column is None:
        raise Confounded(name, f"{what} is not known of the judgments.")
    if missing := int((column <= 0).sum()):
        raise Confounded(name, f"{what} is missing in {missing} of {len(column)} judgments.")
    return np.asarray(column, np.float64)


def mix_weights(known: Circumstances) -> FloatArray:
    """Return weights of mean 1 by which judgments have the pictures' mix of strata, (judgments,).

    Of a stratum the weight is its share of the pictures over its share of the judgments
    (post-stratification: Holt & Smith 1979). Raises Confounded where there is only one stratum, or
    none of the judgments is of one that has pictures.
    """
    if known.stratum is None:
        raise Confounded(STRATA, "the strata of the pictures are not known.")
    in_stratum = known_numbers(
        STRATA, known.stratum_pictures, "the number of pictures of a stratum"
    )
    in_dataset = known_numbers(STRATA, known.dataset_pictures, "the number of pictures of a set")
    judged = np.bincount(known.stratum.number)
    present = np.flatnonzero(judged)
    if len(present) < 2:
        raise Confounded(STRATA, "all judgments are of one stratum, whose mix needs no weights.")
    dataset = classes(label.partition("/")[0] for label in known.stratum.labels)
    pictures = _of_each(known.stratum, in_stratum, "stratum_pictures")
    held = _of_each(replace(dataset, number=dataset.number[known.stratum.number]), in_dataset)
    _check_complete(dataset, present, pictures, held)
    share = np.zeros(len(judged))
    share[present] = pictures[present] / pictures.sum() * judged.sum() / judged[present]
    return share[known.stratum.number]


def _of_each(found: Classes, told: FloatArray, column: str = "dataset_pictures") -> FloatArray:
    """Return what judgments tell of each class, 0 of those without. Raises Confounded."""
    least, most = np.full(len(found.labels), np.inf), np.zeros(len(found.labels))
    np.minimum.at(least, found.number, told)
    np.maximum.at(most, found.number, told)
    if len(several := np.flatnonzero((least < most) & (most > 0))):
        label = found.labels[several[0]].strip("/")
        of = f" of {label!r}" if label else ""
        raise Confounded(STRATA, f"{column}{of} differs from judgment to judgment.")
    return most


def _check_complete(
    dataset: Classes, present: IntArray, pictures: FloatArray, held: FloatArray
) -> None:
    """Refuse a data set whose strata with judgments hold other than all of its pictures.

    `dataset` and `pictures` are of each stratum, `held` of each data set.
    """
    for number in np.unique(dataset.number[present]):
        of = present[dataset.number[present] == number]
        missing = int(held[number] - pictures[of].sum())
        label = dataset.labels[number]
        named = f"data set {label!r}" if label else "the data set"
        if missing > 0:
            raise Confounded(
                STRATA,
                f"no judgment is of the strata that hold {missing} of the "
                f"{int(held[number])} pictures of {named}.",
            )
        if missing < 0:
            raise Confounded(
                STRATA,
                f"the strata hold {int(pictures[of].sum())} pictures by stratum_pictures, and "
                f"{named} {int(held[number])} by dataset_pictures.",
            )
