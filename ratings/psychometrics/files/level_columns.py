"""The levels that a file of judgments tells above its raters and pictures: groups, and scenes."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ratings.psychometrics.arrays import narrow
from ratings.psychometrics.counts.cluster_levels import NOTHING_ABOVE, torn
from ratings.psychometrics.files.csv_rows import BadJudgments

# By level: the column that it is above, and the words for both.
_ABOVE = {"scene": ("image", "picture", "scenes"), "group": ("rater", "rater", "groups")}
_MOST_NAMED = 5

Columns = Mapping[str, NDArray[Any]]
Labels = Mapping[str, tuple[str, ...]]


def level_columns(columns: Columns, labels: Labels) -> dict[str, NDArray[Any] | None]:
    """Return the columns of levels that are there, (judgments,), `NOTHING_ABOVE` for no name.

    One that names nothing is None. `columns` are of numbers of `labels`. Raises BadJudgments where
    a picture stands in several scenes, or a rater in several groups: that makes no clusters.
    """
    there = [name for name in _ABOVE if name in columns]
    named = [name for name in there if any(labels[name])]
    found = {name: narrow(_without_empty(columns[name], labels[name])) for name in named}
    if problems := [line for name in named for line in _torn(name, found, columns, labels)]:
        raise BadJudgments(problems)
    return dict.fromkeys(there) | found


def _without_empty(numbers: NDArray[Any], labels: tuple[str, ...]) -> NDArray[Any]:
    if "" not in labels:
        return numbers
    return np.where(numbers == labels.index(""), NOTHING_ABOVE, numbers)


def _torn(name: str, found: Columns, columns: Columns, labels: Labels) -> Iterator[str]:
    """Say which pictures stand in several scenes, or raters in several groups."""
    below, word, several = _ABOVE[name]
    if not labels[below]:
        return  # each judgment has one of its own
    numbers = torn(columns[below], found[name])
    if len(numbers):
        named = ", ".join(sorted(labels[below][number] for number in numbers)[:_MOST_NAMED])
        yield (
            f"The {several} of {len(numbers)} {word}{'s' if len(numbers) > 1 else ''} differ from "
            f"row to row (none is another one, too): {named}. Give each {word} one {name}, or read "
            f"none by --columns {name}=."
        )
