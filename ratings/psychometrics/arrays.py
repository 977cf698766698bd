"""The types of arrays, said once."""

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Numbers = NDArray[np.integer]  # whole, of any width


def narrow(values: Numbers) -> Numbers:
    """Return whole numbers from -1 on in as few bytes each as the largest needs, signed."""
    return values.astype(np.min_scalar_type(-1 - int(values.max(initial=0))), copy=False)
