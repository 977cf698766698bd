# SPDX-License-Identifier: Apache-2.0
"""Tables as entries have lost their bitstreams by: chances that a network computes in floats.

Products of matrices, tanh and exp round in their last digits as the processor's instructions have
it, so another machine makes other tables, and is soon out of step. `toy-integers` has the mend.
"""

import numpy as np
from arithmetic_coder import TOTAL, Table
from numpy.typing import NDArray

DIFFERENCES = np.arange(-31, 32)
BESIDE = range(-9, 10, 3)  # seven values around, of the same colour
# Drawn, in place of training.
DRAW = np.random.default_rng(2018)
FIRST = DRAW.normal(0, 0.05, (len(BESIDE), 64)).astype(np.float32)
SECOND = DRAW.normal(0, 0.05, (64, len(DIFFERENCES))).astype(np.float32)


def tables(above: NDArray[np.int64]) -> list[Table]:
    """Return a table of differences for each value, from the row above it."""
    beside = np.stack([np.roll(above, by) - above for by in BESIDE], 1).astype(np.float32)
    scores = np.tanh(beside @ FIRST) @ SECOND - np.abs(DIFFERENCES).astype(np.float32)
    chances = np.exp(scores)
    chances /= chances.sum(1, keepdims=True)
    widths = (chances * np.float32(TOTAL - len(DIFFERENCES))).astype(np.int64) + 1
    widths[:, len(DIFFERENCES) // 2] += TOTAL - widths.sum(1)
    return [Table(row, DIFFERENCES[0]) for row in widths]
