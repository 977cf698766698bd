# SPDX-License-Identifier: Apache-2.0
"""The variables that every decoder is started with, wherever it runs."""

from ratings.sandbox.worlds import USUAL, World

# What libraries keep lies in /tmp, where it is no output. In a container no file says who one is.
VARIABLES = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "XDG_CACHE_HOME": "/tmp",
    "XDG_CONFIG_HOME": "/tmp",
    "NUMBA_CACHE_DIR": "/tmp",
    "USER": "decoder",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    # There is no network: these two would try again for seconds before they say so.
    "HF_HUB_OFFLINE": "1",
    "PIP_RETRIES": "0",
}


def variables(cores: float, world: World = USUAL) -> dict[str, str]:
    """Return the variables of every decoder that may use so many cores."""
    return VARIABLES | world.variables(cores)
