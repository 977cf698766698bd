"""What stands above raters and pictures: groups of raters, scenes of pictures.

Where there is such a level, judgments are clustered by it: whoever has no group, and a picture
without a scene, is a cluster alone.
"""

from dataclasses import dataclass

import numpy as np

from ratings.psychometrics.arrays import IntArray, Numbers

NOTHING_ABOVE = -1


@dataclass(frozen=True)
class Members:
    """How many raters, and pictures, the clusters of a tally are made of.

    None where each is a cluster of its own.
    """

    raters: int | None = None
    pictures: int | None = None


ALONE = Members()


def clusters(own: Numbers, above: Numbers | None) -> Numbers:
    """Return the number of the cluster of each judgment, (judgments,): whole, from 0.

    `own` numbers its rater, or picture, from 0; `above` numbers the level above from 0, with
    `NOTHING_ABOVE` where there is none. Without that level the clusters are raters, or pictures.
    """
    if above is None:
        return own
    alone = int(above.max(initial=NOTHING_ABOVE)) + 1 + own.astype(np.int64)
    return np.where(above == NOTHING_ABOVE, alone, above)


def different(numbers: Numbers) -> int:
    """Return how many different whole numbers there are."""
    return len(np.unique(numbers))


def torn(own: Numbers, above: Numbers) -> IntArray:
    """Return which of `own` stand below more than one of `above`, rising: these are no levels.

    Both are numbers of judgments, (judgments,), as for `clusters`.
    """
    width = int(above.max(initial=NOTHING_ABOVE)) + 2
    places = np.unique(own.astype(np.int64) * width + above - NOTHING_ABOVE) // width
    found: IntArray = np.unique(places[1:][np.diff(places) == 0])
    return found
