# SPDX-License-Identifier: Apache-2.0
"""The variables that every decoder is started with, wherever it runs."""

from ratings.sandbox.worlds import USUAL, World

VARIABLES = {"HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


def variables(cores: float, world: World = USUAL) -> dict[str, str]:
    """Return the variables of every decoder that may use so many cores."""
    return VARIABLES | world.variables(cores)


def threads(cores: float) -> int:
    """Return how many threads may compute at once within a quota of cores."""
    return max(1, int(cores))
