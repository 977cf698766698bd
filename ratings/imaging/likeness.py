# SPDX-License-Identifier: Apache-2.0
"""How alike two pictures are that one decoder made of one bitstream: equal, close, or broken.

Another processor's floats round otherwise, which moves a sample now and then by a level or two. A
picture whose entropy decoding lost its way has little in common with the first. The original is
not asked: what is told of two decoded pictures must tell nothing of it.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ratings.imaging.distortion import psnr_db, squared_error

# Within both a picture is close: as if all samples moved by less than a level, which nobody sees.
MOST_LEVELS = 8
LEAST_APART_DB = 50.0


class Outcome(StrEnum):
    """What became of a picture when it was made again."""

    EQUAL = "equal"
    CLOSE = "close"
    BROKEN = "broken"


@dataclass(frozen=True)
class Likeness:
    """Two pictures compared: the most by which a sample differs, and the PSNR of one to the other.

    The latter is infinite where they are equal.
    """

    levels: int
    apart_db: float

    @property
    def outcome(self) -> Outcome:
        """Whether they are equal, close, or one is broken."""
        if not self.levels:
            return Outcome.EQUAL
        is_close = self.levels <= MOST_LEVELS and self.apart_db >= LEAST_APART_DB
        return Outcome.CLOSE if is_close else Outcome.BROKEN


def likeness(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Likeness:
    """Compare two pictures: (height, width, 3), uint8. Raises ValueError when shapes differ."""
    error = squared_error(first, second)
    apart = np.maximum(first, second) - np.minimum(first, second)
    return Likeness(int(apart.max()), psnr_db(error, first.size))
