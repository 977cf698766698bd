# SPDX-License-Identifier: Apache-2.0
"""The variables that every decoder is started with, wherever it runs."""

VARIABLES = {"HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
# Libraries start a thread for each core that they see, and a decoder may see more than it may use.
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
)  # fmt: skip


def variables(cores: float) -> dict[str, str]:
    """Return the variables of every decoder that may use so many cores."""
    return VARIABLES | dict.fromkeys(THREADS, str(threads(cores)))


def threads(cores: float) -> int:
    """Return how many threads may compute at once within a quota of cores."""
    return max(1, int(cores))
