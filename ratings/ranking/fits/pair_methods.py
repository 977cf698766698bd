"""The methods of pairs: from the key that the database counts by to what a fit counts by."""

import numpy as np

from ratings.comparisons.models import Entry, Study
from ratings.psychometrics.arrays import IntArray, Numbers


def pair_methods(study: Study, pair: Numbers) -> tuple[list[str], IntArray, IntArray]:
    """Return the labels of the methods that occur, and each row's first and second among them.

    `pair`, shape (rows,), are keys of the study's pairs; so are the other two arrays.
    """
    rows = study.pairs.order_by("pk").values_list("pk", "first_id", "second_id")
    keys, *sides = np.array(rows, np.int64).reshape(-1, 3).T
    place = np.searchsorted(keys, pair)
    occurs = np.bincount(place, minlength=len(keys)) > 0
    entries = np.unique([side[occurs] for side in sides])
    known = dict(Entry.objects.filter(study=study).values_list("pk", "label"))
    first, second = (np.searchsorted(entries, side)[place] for side in sides)
    return [known[pk] for pk in entries.tolist()], first, second
